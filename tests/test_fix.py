"""Remedies written into files: the literal changes, comments and format stay, and the finding goes."""

import shutil
from pathlib import Path

import pytest

from budgetcheck.fix import diff, proposals, whole, write
from budgetcheck.model.changes import Change, Proposal
from budgetcheck.model.findings import Confidence, Edit, Finding, Fix, FixKind, Severity
from budgetcheck.model.report import Report
from budgetcheck.model.span import Span
from budgetcheck.run import RunSettings, run
from budgetcheck.tree import Tree
from budgetcheck.trials import identity

SAMPLES = Path(__file__).parents[1] / "samples"


def fixed(folder: Path, name: str, text: str, edit: Edit) -> str:
    """The text of a file after one edit; empty where it could not be made."""
    (folder / name).write_text(text, encoding="utf-8")
    tree = Tree(root=folder.resolve(), base=folder.resolve())
    found = proposals(_report(edit), tree)
    write(whole(found), tree)
    after = (folder / name).read_text(encoding="utf-8")
    return after if after != text else ""


def _report(*edits: Edit, kind: FixKind = FixKind.SHORTER_LIMIT) -> Report:
    fix = Fix(kind=kind, text="change it", cost="something", edits=edits)
    finding = Finding(
        rule="BC101",
        name="inner-outlives-outer",
        severity=Severity.ERROR,
        confidence=Confidence.HIGH,
        message="too long",
        span=edits[0].span,
        fixes=(fix,),
    )
    return Report(findings=(finding,))


@pytest.mark.parametrize(
    ("name", "text", "old", "new", "after"),
    [
        pytest.param(
            "a.conf", "proxy_read_timeout  30s;  # 30s is policy\n", "30s", "65s",
            "proxy_read_timeout  65s;  # 30s is policy\n", id="nginx, the same words in a comment",
        ),
        pytest.param("a.tf", "  idle_timeout = 60\n", "60", "65", "  idle_timeout = 65\n", id="Terraform"),
        pytest.param("a.yaml", "timeout: {read: 20s}\n", "20s", "9s", "timeout: {read: 9s}\n", id="YAML"),
        pytest.param("a.toml", 'timeout = "20s"\n', "20s", "9s", 'timeout = "9s"\n', id="TOML, quoted"),
        pytest.param(".env", "OPENAI_TIMEOUT=20 # s\n", "20", "9", "OPENAI_TIMEOUT=9 # s\n", id=".env"),
        pytest.param(
            "a.py", "c = OpenAI(timeout=20.0, max_retries=2)\n", "20.0", "9",
            "c = OpenAI(timeout=9, max_retries=2)\n", id="Python, one keyword of several",
        ),
        pytest.param("a.ini", "t=20\r\nx=1\r\n", "20", "9", "t=9\r\nx=1\r\n", id="other line ends"),
    ],
)  # fmt: skip
def test_literal_is_replaced_and_nothing_else(
    name: str, text: str, old: str, new: str, after: str, tmp_path: Path
) -> None:
    column = text.index(old) + 1
    edit = Edit(span=Span(file=name, line=1, column=column), old=old, new=new)
    (tmp_path / name).write_bytes(text.encode())
    tree = Tree(root=tmp_path.resolve(), base=tmp_path.resolve())
    assert write(whole(proposals(_report(edit), tree)), tree) == (name,)
    assert (tmp_path / name).read_bytes() == after.encode()


@pytest.mark.parametrize(
    ("text", "old"),
    [
        pytest.param("retries: 3, attempts: 3\n", "3", id="it stands there twice and no column tells which"),
        pytest.param("timeout: 200s\n", "20", id="only as a part of another number"),
        pytest.param("timeout: $T\n", "20s", id="the line says something else by now"),
        pytest.param("anything\n", "", id="nobody wrote it"),
    ],
)
def test_what_is_not_certain_is_left_to_a_person(text: str, old: str, tmp_path: Path) -> None:
    assert fixed(tmp_path, "a.yaml", text, Edit(span=Span(file="a.yaml", line=1), old=old, new="9")) == ""


def test_of_several_remedies_for_one_literal_the_one_that_serves_all_is_written(tmp_path: Path) -> None:
    """Two routes want nginx's limit raised, to 65 s and to 90 s."""
    (tmp_path / "a.conf").write_text("proxy_read_timeout 30s;\n")
    change = Change(file="a.conf", line=1, start=19, end=22, old="30s", new="65s")
    finding = _report(Edit(span=Span(file="a.conf", line=1), old="30s", new="65s")).findings[0]

    def proposal(new: str, kind: FixKind) -> Proposal:
        fix = Fix(kind=kind, text="", cost="")
        made = (Change(file="a.conf", line=1, start=19, end=22, old="30s", new=new),)
        return Proposal(finding=finding, fix=fix, changes=made, by_hand=(), diff="")

    raised = [proposal("65s", FixKind.RAISE_LIMIT), proposal("1m30s", FixKind.RAISE_LIMIT)]
    lowered = [proposal("9s", FixKind.SHORTER_LIMIT), proposal("500ms", FixKind.SHORTER_LIMIT)]
    assert [one.new for one in whole(raised)] == ["1m30s"]
    assert [one.new for one in whole(lowered)] == ["500ms"]
    tree = Tree(root=tmp_path.resolve(), base=tmp_path.resolve())
    assert "+proxy_read_timeout 65s;" in diff([change], tree)


def _broken_samples() -> list[str]:
    return sorted(path.parent.name for path in SAMPLES.glob("*/expected.toml"))


@pytest.mark.parametrize("sample", _broken_samples())
def test_written_remedy_ends_its_finding(sample: str, tmp_path: Path) -> None:
    """On every sample: after each kind of remedy its findings are gone, and nothing is new."""
    for kind in FixKind:
        copy = tmp_path / kind.value
        shutil.copytree(SAMPLES / sample, copy)
        tree = Tree(root=copy.resolve(), base=copy.resolve())
        before = run([copy], cwd=copy, settings=RunSettings())
        found = [one for one in proposals(before, tree, [kind]) if one.changes and not one.by_hand]
        if not found:
            continue
        write(whole(found), tree)
        report = run([copy], cwd=copy, settings=RunSettings())
        after = {finding.pair for finding in report.findings}
        assert not {one.finding.pair for one in found} & after
        known = {identity(finding) for finding in before.findings}
        assert {identity(finding) for finding in report.findings} <= known
