"""Apache httpd: files that are wrong, and files that nobody vouches for."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.readers.apache.lexing import parse
from budgetcheck.readers.apache.urls import read_url

from .files import reading

PROBLEMS = {
    "not closed": ("<VirtualHost *:80>\nServerName a\n", 1, "write </VirtualHost>"),
    "closes nothing": ("ServerRoot /x\n</Location>\n", 2, "delete it"),
    "includes itself": ("ServerRoot /x\nInclude httpd.conf\n", 2, "delete one of the includes"),
    "a missing file": ("ServerRoot /x\nInclude sites/api.conf\n", 2, "IncludeOptional"),
    "a missing macro": ("Use Site a.example.com\n", 1, "<Macro Site>"),
    "a macro that uses itself": ("<Macro A>\nUse A\n</Macro>\nUse A\n", 2, "delete the Use"),
}


@pytest.mark.parametrize(
    ("text", "line", "fix"), [pytest.param(*case, id=name) for name, case in PROBLEMS.items()]
)
def test_what_is_wrong_has_its_place_and_what_to_write(
    text: str, line: int, fix: str, tmp_path: Path
) -> None:
    (problem,) = reading(tmp_path, {"httpd.conf": text}).problems
    assert problem.span.place == f"httpd.conf:{line}"
    assert fix in problem.fix


HOSTILE = {
    "a long line": "ProxyPass / http://x:1/ " + "a" * 1_000_000,
    "deep nesting": "<Location /a>\n" * 2_000,
    "many hosts": "<Proxy balancer://p>\nBalancerMember http://x:1\n</Proxy>\n" * 200
    + "<VirtualHost *:80>\nProxyPass / balancer://p/\n</VirtualHost>\n" * 300,
    "many rules": "".join(f"ProxyPass /{n} http://x{n}:1/ timeout=5\n" for n in range(2_000)),
    "macros that grow": "<Macro A $a>\nProxyPass / http://x:1/$a$a\n</Macro>\n" + "Use A " + "b" * 5_000,
    "macros of macros": "".join(
        f"<Macro M{n}>\nUse M{n + 1}\nUse M{n + 1}\n</Macro>\n" for n in range(13)
    ) + "Use M0\n",
    "definitions that grow": "Define A b\n" + "Define A ${A}${A}${A}${A}\n" * 60 + "ProxyTimeout ${A}\n",
    "an expression that backtracks": "ProxyPassMatch ^/(a|aa)+$ http://x:1/\n",
    "quotes without end": 'ProxyPass "/ http://x:1/\n' * 50,
    "nothing but backslashes": "\\\n" * 10_000,
}  # fmt: skip


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_nothing_takes_for_ever(text: str, tmp_path: Path) -> None:
    reading(tmp_path, {"httpd.conf": text})


def test_nothing_outside_of_the_root_is_opened(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "outside.conf").write_text("ProxyPass / http://x:1/\n")
    found = reading(inner, {"httpd.conf": "ServerRoot /x\nInclude ../outside.conf\nInclude /etc/passwd\n"})
    assert not found.declarations
    assert len(found.problems) == 2


def test_a_binary_file_is_a_problem(tmp_path: Path) -> None:
    (problem,) = reading(tmp_path, {"httpd.conf": "\0\0ProxyPass"}).problems
    assert problem.text == "is a binary file"


_LINES = st.sampled_from(
    [
        "<VirtualHost *:80>", "</VirtualHost>", "<Location /a>", "</Location>", "ProxyPass / http://x:1/",
        "ProxyPass !", "ProxyPass", "<Proxy balancer://a>", "</Proxy>", "BalancerMember http://x:1 timeout=",
        "ProxyTimeout", "\\", "RewriteRule", "RewriteCond a", "SetHandler proxy:", "Use A", "<Macro A $x>",
        "</Macro>", "Include *", "<If", "{% if", "{% else %}", "{% endif %}", "ProxyPass / balancer://a",
        "ServerName", "Listen", "<>", "</>", '"', "Define A",
    ]
)  # fmt: skip


@given(st.lists(_LINES, max_size=30))
def test_any_lines_are_read(lines: list[str]) -> None:
    parsed = parse("\n".join(lines), "httpd.conf")
    assert all(problem.span.line for problem in parsed.problems)


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    parse(text, "httpd.conf")
    read_url(text)
