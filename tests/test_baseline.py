"""The baseline: what is known stays quiet, what is new does not, whatever was renamed or moved meanwhile."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.baseline import SCHEMA, BaselineError, compare, dump, load
from budgetcheck.model.findings import Confidence, End, Finding, Severity
from budgetcheck.model.span import Span
from budgetcheck.run import RunSettings, run

NGINX = """\
server {{
    listen 80;
    server_name api.example.com;
    location {location} {{
        proxy_pass http://app:8000;
        proxy_read_timeout 30s;
    }}
}}
"""
APP = """\
service: app
server: {kind: uvicorn}
routes:
  - {path: /answer, calls: [{to: api.example.org, client: httpx, timeout: 40s}]}
"""


def findings(folder: Path, location: str = "/", file: str = "nginx.conf") -> tuple[Finding, ...]:
    for known in folder.glob("*.conf"):
        known.unlink()
    (folder / file).write_text(NGINX.format(location=location))
    (folder / "app.yaml").write_text(APP)
    found = run([folder], cwd=folder, settings=RunSettings(no_config=True)).findings
    assert [finding.rule for finding in found] == ["BC101"]
    return found


def test_known_finding_is_known(tmp_path: Path) -> None:
    found = findings(tmp_path)
    compared = compare(found, load(dump(found)))
    assert (compared.new, len(compared.known), compared.gone) == ((), 1, 0)


def test_renamed_location_does_not_reopen_a_finding(tmp_path: Path) -> None:
    known = load(dump(findings(tmp_path)))
    assert not compare(findings(tmp_path, location="/answer"), known).new


def test_same_fault_in_another_file_is_new(tmp_path: Path) -> None:
    known = load(dump(findings(tmp_path)))
    compared = compare(findings(tmp_path, file="nginx-other.conf"), known)
    assert len(compared.new) == 1
    assert compared.gone == 1


def test_an_entry_stands_for_one_finding(tmp_path: Path) -> None:
    """A second fault of the same kind in the same file is not hidden by the first."""
    found = findings(tmp_path)
    assert len(compare((*found, *found), load(dump(found))).new) == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", f'{{"schema": "{SCHEMA}"}}', f'{{"schema": "{SCHEMA}", "findings": [1]}}']
)
def test_what_is_no_baseline_is_refused(text: str) -> None:
    with pytest.raises(BaselineError):
        load(text)


WORDS = st.sampled_from(["a", "b", ""])
ENDS = st.builds(
    lambda address, setting, file: End(
        address=address, component="c", setting=setting, value_ms=None, span=Span(file=file, line=1)
    ),
    WORDS, WORDS, WORDS,
)  # fmt: skip
FINDINGS = st.lists(
    st.builds(
        lambda rule, outer, inner, file: Finding(
            rule=rule,
            name="n",
            severity=Severity.ERROR,
            confidence=Confidence.HIGH,
            message="m",
            span=Span(file=file, line=1),
            outer=outer,
            inner=inner,
        ),
        st.sampled_from(["BC101", "BC102"]), st.none() | ENDS, st.none() | ENDS, WORDS,
    ),
    max_size=6,
)  # fmt: skip


@given(FINDINGS)
def test_whatever_was_written_is_known(found: list[Finding]) -> None:
    compared = compare(found, load(dump(found)))
    assert (len(compared.new), len(compared.known), compared.gone) == (0, len(found), 0)
