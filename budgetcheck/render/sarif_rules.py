"""Rules as SARIF describes them, with their manual pages as Markdown."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from budgetcheck.model.findings import Finding, Severity
from budgetcheck.render import RuleHelp
from budgetcheck.render.escape import visible
from budgetcheck.render.json_text import Json
from budgetcheck.render.markdown_text import prose

_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
_TAGS = ("reliability", "timeouts")
_CODE = re.compile(r"(`[^`]+`)")


def descriptors(rules: Sequence[RuleHelp], findings: Iterable[Finding]) -> list[dict[str, Json]]:
    """All rules, and those that only a finding names, by code."""
    known = {rule.code: _descriptor(rule) for rule in rules}
    for finding in findings:
        known.setdefault(visible(finding.rule), {"id": visible(finding.rule), "name": visible(finding.name)})
    return [known[code] for code in sorted(known)]


def _descriptor(rule: RuleHelp) -> dict[str, Json]:
    title = f"{rule.code} {rule.name}"
    manual = rule.manual.strip().removeprefix(title).strip()
    summary = f"{rule.summary[:1].upper()}{rule.summary[1:]}"
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": _checks(manual) or summary},
        "help": {"text": manual, "markdown": "\n".join(_markdown(manual))},
        "defaultConfiguration": {"level": rule.severity.label},
        # No `security-severity`: it would make security alerts of what are none.
        "properties": {"tags": list(_TAGS), "problem.severity": _PROBLEMS[rule.severity]},
    }


def _checks(manual: str) -> str:
    """What the manual says under its first heading, on one line."""
    _, _, rest = manual.partition("\n")
    return " ".join(rest.split("\n\n")[0].split())


def _markdown(manual: str) -> Iterator[str]:
    """Headings as headings, addresses as links, prose with its code as code."""
    for paragraph in manual.split("\n\n"):
        heading, *rest = paragraph.strip("\n").split("\n")
        if heading[:1].isspace():
            rest = [heading, *rest]
        else:
            yield from (f"### {heading}", "")
        lines = textwrap.dedent("\n".join(rest)).split("\n")
        if all(line.startswith("https://") for line in lines):
            yield from (f"- <{line}>" for line in lines)
        else:
            yield from (_line(line) for line in lines)
        yield ""


def _line(line: str) -> str:
    parts = _CODE.split(line)
    return "".join(part if _CODE.fullmatch(part) else _spaced(part) for part in parts)


def _spaced(part: str) -> str:
    """The part as prose, with the blanks that separate it from code."""
    before, after = part[:1].isspace(), part[-1:].isspace()
    return f"{' ' * before}{prose(part)}{' ' * (after and bool(part.strip()))}"
