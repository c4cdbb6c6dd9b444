"""Suppressions in comments: every comment style that our formats have, and what is no suppression."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.inline_ignores import inline_ignores
from budgetcheck.run import RunSettings, rule_words, run
from budgetcheck.tree import SourceFile, Tree

RULES = rule_words()


def read(folder: Path, text: str, name: str = "file.conf") -> tuple[list[tuple[str, int]], list[str]]:
    """The rules and lines of the suppressions, and the faults."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    found = inline_ignores([SourceFile(name=name, path=path)], Tree(root=folder, base=folder), RULES)
    return [(one.rule, one.at[1]) for one in found.ignores if one.at], [one.text for one in found.faults]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("timeout 30s;  # budgetcheck: ignore[BC101] slow reports", id="most formats"),
        pytest.param("idle_timeout = 60 // budgetcheck: ignore[BC101] slow reports", id="slashes"),
        pytest.param("timeout = 30 ; budgetcheck: ignore[BC101] slow reports", id="ini"),
        pytest.param("timeout: 30 {# budgetcheck: ignore[BC101] slow reports #}", id="templates"),
        pytest.param("idle_timeout = 60 /* budgetcheck: ignore[BC101] slow reports */", id="closed comment"),
        pytest.param("30 # budgetcheck: ignore[inner-outlives-outer] slow reports", id="by name"),
        pytest.param("30 # budgetcheck: ignore[BC101] until=2099-12-31 slow reports", id="with a last day"),
    ],
)
def test_comment_behind_a_line_means_that_line(line: str, tmp_path: Path) -> None:
    ignores, faults = read(tmp_path, f"first\n{line}\nlast\n")
    assert [number for _, number in ignores] == [2]
    assert not faults


def test_comment_on_its_own_line_means_the_next_line_that_is_none(tmp_path: Path) -> None:
    text = "# budgetcheck: ignore[BC101,BC102] both are known\n\n# another comment\ntimeout 30s;\n"
    assert read(tmp_path, text) == ([("BC101", 4), ("BC102", 4)], [])


@pytest.mark.parametrize(
    ("comment", "fault"),
    [
        ("# budgetcheck: ignore slow reports", "names no rule"),
        ("# budgetcheck: ignore[] slow reports", "names no rule"),
        ("# budgetcheck: ignore[BC101]", "gives no reason"),
        ("# budgetcheck: ignore[BC101] until=2027-13-01 slow", "no valid day"),
        ("# budgetcheck: ignore[BC999] slow", "no rule"),
        ("# budgetcheck: disable[BC101] slow", "no suppression"),
    ],
)
def test_malformed_comment_is_reported_and_suppresses_nothing(
    comment: str, fault: str, tmp_path: Path
) -> None:
    ignores, faults = read(tmp_path, f"{comment}\ntimeout 30s;\n")
    assert not ignores
    assert len(faults) == 1
    assert fault in faults[0]


def test_the_word_in_plain_text_is_no_comment(tmp_path: Path) -> None:
    """The name of the tool in a value, and a step of CI that runs it."""
    assert read(tmp_path, 'name: "budgetcheck: the checker"\nrun: budgetcheck infra/\n') == ([], [])


@given(text=st.text(alphabet="#/;-<!{ budgetcheck:ignore[]BC101,until=2027-\n", max_size=120))
def test_nothing_a_file_may_hold_breaks_the_search(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    read(tmp_path_factory.mktemp("any"), text)


def test_locked_rule_cannot_be_suppressed(tmp_path: Path) -> None:
    """An organisation may say that some faults are never accepted."""
    (tmp_path / "nginx.conf").write_text(
        "server {\n listen 80;\n location / {\n  proxy_pass http://app:8000;\n"
        "  proxy_read_timeout 30s; # budgetcheck: ignore[BC101] known\n }\n}\n"
    )
    (tmp_path / "app.yaml").write_text(
        "service: app\nserver: {kind: uvicorn}\nroutes:\n"
        "  - {path: /a, calls: [{to: api.example.org, client: httpx, timeout: 40s}]}\n"
    )
    (tmp_path / "budgetcheck.yaml").write_text("lock: [BC101]\n")
    report = run([tmp_path], cwd=tmp_path, settings=RunSettings())
    assert [finding.rule for finding in report.findings] == ["BC101", "BC904"]
    assert not report.suppressed
