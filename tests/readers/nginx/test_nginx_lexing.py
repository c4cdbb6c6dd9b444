"""Text to statements: what crossplane alone would report as an empty error, swallow, or read as garbage."""

import time

import pytest
from crossplane.lexer import _lex_file_object
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.model.settings import ProblemKind
from budgetcheck.readers.nginx.lexing import _PIECE, MAX_NESTING, parse
from budgetcheck.readers.nginx.syntax import Parsed, Statement

ALPHABET = "ab \t\n\r\\\"'{};#$"


def outline(parsed: Parsed) -> list[tuple[object, ...]]:
    def of(statement: Statement) -> tuple[object, ...]:
        inside = () if statement.block is None else (tuple(map(of, statement.block)),)
        return (statement.line, statement.name, *statement.args, *inside)

    return [of(statement) for statement in parsed.statements]


def only(parsed: Parsed) -> tuple[int, str]:
    assert len(parsed.problems) == 1, parsed.problems
    return parsed.problems[0].span.line, parsed.problems[0].text


def test_statements_have_their_lines_and_lose_quotes_and_comments() -> None:
    parsed = parse("# c\nserver { # d\n  listen 80; server_name \"a b\" 'c';\n}\n", "f")
    assert outline(parsed) == [(2, "server", ((3, "listen", "80"), (3, "server_name", "a b", "c")))]
    assert parsed.nginx
    assert not parsed.problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "proxy_read_timeout 5s\n  proxy_pass http://x;",
            ["proxy_read_timeout", "proxy_pass"],
            id="next-line",
        ),
        pytest.param(
            "proxy_set_header Host $host\nproxy_read_timeout 5s;",
            ["proxy_set_header", "proxy_read_timeout"],
            id="after-any-directive",
        ),
        pytest.param("proxy_pass http://x\nlocation /b {}", ["proxy_pass", "location"], id="before-a-block"),
        pytest.param(
            "listen 80;\nproxy_read_timeout 5s\n", ["listen", "proxy_read_timeout"], id="at-the-end"
        ),
    ],
)
def test_a_missing_semicolon_is_reported_and_loses_nothing(text: str, expected: list[str]) -> None:
    parsed = parse(text, "f")
    assert [statement.name for statement in parsed.statements] == expected
    assert "lacks its `;`" in only(parsed)[1]
    assert parsed.problems[0].kind is ProblemKind.INVALID


def test_a_missing_semicolon_before_a_brace_keeps_the_block() -> None:
    parsed = parse("location / {\n  proxy_read_timeout 5s\n}", "f")
    assert outline(parsed) == [(1, "location", "/", ((2, "proxy_read_timeout", "5s"),))]
    assert only(parsed) == (2, "`proxy_read_timeout` lacks its `;` before the `}`")


@pytest.mark.parametrize("name", ["$SSL_CONFIG", "@@SSL_CONFIG@@", "%SSL_CONFIG%"])
@pytest.mark.parametrize("then", ["listen 80;", "access_log off;", "location / {}", "}"])
def test_a_placeholder_alone_on_its_line_stands_for_statements(name: str, then: str) -> None:
    """A script fills it in before nginx sees the file: no `;` is missing."""
    parsed = parse(f"server {{\n  {name}\n  {then}\n" + ("" if then == "}" else "}\n"), "f")
    assert not parsed.problems
    (server,) = parsed.statements
    assert server.block is not None
    assert server.block[0].name == name


def test_values_on_several_lines_are_no_missing_semicolon() -> None:
    parsed = parse("proxy_next_upstream error\n    timeout\n    http_502;\nserver_name\n a\n b;", "f")
    assert not parsed.problems
    assert [statement.args for statement in parsed.statements] == [
        ("error", "timeout", "http_502"),
        ("a", "b"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        pytest.param("http {\n server {\n listen 80;\n}", 1, "block `http` is never closed", id="open-block"),
        pytest.param("listen 80;\n}\n", 2, "unexpected `}`", id="extra-brace"),
        pytest.param("listen 80;\nserver_name 'a;\n", 2, "never closed", id="open-quote"),
        pytest.param("server {" * 3_000 + "}" * 3_000, 1, f"more than {MAX_NESTING} deep", id="nesting"),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused_as_a_whole(text: str, line: int, says: str) -> None:
    parsed = parse(text, "f")
    assert parsed.refused
    assert not parsed.statements
    found = only(parsed)
    assert (found[0], says in found[1]) == (line, True)


def test_an_unquoted_regular_expression_with_braces_is_told_from_directives() -> None:
    parsed = parse("location ~ ^/a{2,3}$ { proxy_pass http://x; }", "f")
    assert "is not a directive of nginx" in only(parsed)[1]
    assert "in quotes" in parsed.problems[0].fix
    assert [statement.name for statement in parsed.statements] == ["location"]


def test_a_quoted_regular_expression_with_braces_is_fine() -> None:
    parsed = parse('location ~ "^/a{2,3}$" { proxy_pass http://x; }', "f")
    assert not parsed.problems
    assert parsed.statements[0].args == ("~", "^/a{2,3}$")


def test_keys_of_a_map_are_no_directives_and_not_checked() -> None:
    assert not parse('map $a $b {\n ~^/x 1;\n "" 2;\n /y 3;\n}\ntypes { text/html html; }', "f").problems


@pytest.mark.parametrize(
    "lua",
    [
        "local s = [[ } ]]",
        'local s = "}" -- don\'t }',
        "--[==[ } ]] ]==] local t = {{1}, {2}}",
        "if x then return '\\'}' end",
    ],
    ids=["long-string", "comment-with-apostrophe", "long-comment", "escaped-quote"],
)
def test_lua_is_taken_out_whatever_braces_it_has(lua: str) -> None:
    parsed = parse(f"access_by_lua_block {{\n{lua}\n}}\nproxy_read_timeout 5s;", "f")
    assert not parsed.problems
    assert outline(parsed)[-1] == (4, "proxy_read_timeout", "5s")


def test_text_of_another_program_is_not_taken_for_nginx() -> None:
    for text in ("[program:x]\ncommand=/bin/x; comment\n", "FROM nginx:1.27\nCOPY . /etc/nginx/\n", "a b;"):
        assert not parse(text, "f").nginx


@given(st.text(alphabet=ALPHABET, max_size=40))
def test_handing_the_lexer_longer_pieces_changes_no_word(text: str) -> None:
    piecewise = map(_PIECE.findall, text.splitlines(keepends=True))
    assert list(_lex_file_object(piecewise)) == list(_lex_file_object((text,)))


@given(st.text(alphabet=ALPHABET + "%<>[]=#-~if endfor{}", max_size=80))
def test_no_text_makes_it_raise(text: str) -> None:
    parsed = parse(text, "f")
    assert not (parsed.refused and parsed.statements)
    assert parsed.problems or not parsed.refused


@pytest.mark.parametrize(
    "unit",
    [
        "{{",
        "${",
        "[[ ",
        "{%if%}\n",
        "<%",
        "#",
        "\\",
        "'",
        "a_by_lua_block {",
        "content_by_lua_block ",
        ";",
        "a ",
        "{ ",
    ],
)
def test_hostile_text_is_read_in_linear_time(unit: str) -> None:
    # Quadratic work on this much text would take minutes; it takes a fraction of a second.
    started = time.process_time()
    parse("listen 80;" + unit * (400_000 // len(unit)), "f")
    assert time.process_time() - started < 10


def test_a_piece_of_nginx_inside_another_program_s_file_makes_it_no_nginx_file() -> None:
    dockerfile = "FROM alpine\nRUN cat > /etc/nginx/a.conf <<E\nserver {\n listen 80;\n}\nE\nCMD nginx\n"
    assert not parse(dockerfile, "Dockerfile").nginx


def test_a_broken_nginx_file_is_still_one() -> None:
    for text in ("gzip on\n", "server {\n listen 80;\n", "{% if a %}\nserver {\n{% endif %}\nlisten 80;"):
        assert parse(text, "f").nginx
