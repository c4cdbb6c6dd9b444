"""The choice of server and location, case by case as nginx makes it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nginx_files import located

from budgetcheck.readers.nginx.patterns import literal_prefix, read_pattern
from budgetcheck.readers.nginx.routing import normalise
from budgetcheck.regexes import compile_regex

# Nested, final and regular locations together.
LOCATIONS = """
    location / { return 200; }
    location = /exact { return 200; }
    location /exact/deep { return 200; }
    location /img/ { return 200; }
    location /img/big/ { return 200; }
    location ^~ /static/ { return 200; }
    location ^~ /p/ { return 200; location ~ \\.css$ { return 200; } }
    location /n/ { return 200; location ~ \\.js$ { return 200; } location /n/m/ { return 200; } }
    location /slash/ { proxy_pass http://10.0.0.1; }
    location ~ \\.(php|css)$ { return 200; }
    location ~* \\.JPG$ { return 200; }
    location ~ ^/api/ { return 200; }
    location ~ \\.js$ { return 200; }
    location /api/v1/ { return 200; }
    location @named { return 200; }
"""


@pytest.mark.parametrize(
    ("path", "location"),
    [
        pytest.param("/", "/", id="root"),
        pytest.param("/nothing", "/", id="plain-prefix-of-everything"),
        pytest.param("/exact", "= /exact", id="exact-wins-at-once"),
        pytest.param("/exact/", "/", id="exact-is-exact"),
        pytest.param("/exact/deeper", "/exact/deep", id="a-prefix-is-no-path-segment"),
        pytest.param("/img/big/a.png", "/img/big/", id="longest-prefix"),
        pytest.param("/img/big/a.php", "~ \\.(php|css)$", id="regex-beats-a-longer-prefix"),
        pytest.param("/img/a.jpg", "~* \\.JPG$", id="any-case"),
        pytest.param("/img/a.PHP", "/img/", id="a-case-that-matters"),
        pytest.param("/static/a.php", "^~ /static/", id="final-prefix-stops-the-regexes"),
        pytest.param("/p/a.css", "~ \\.css$", id="regex-nested-in-a-final-prefix"),
        pytest.param("/p/a.php", "^~ /p/", id="but-not-the-outer-ones"),
        pytest.param("/n/a.js", "~ \\.js$", id="nested-regex-before-the-outer"),
        pytest.param("/n/m/x", "/n/m/", id="nested-prefix"),
        pytest.param("/n/m/a.css", "~ \\.(php|css)$", id="falls-out-to-the-outer-regex"),
        pytest.param("/api/v1/z", "~ ^/api/", id="anchored-regex-beats-the-prefix"),
        pytest.param("/%65xact", "= /exact", id="decoded-first"),
        pytest.param("//img//big/./x/../a.png", "/img/big/", id="normalised-first"),
        pytest.param("/exact?q=/static/", "= /exact", id="no-query"),
        pytest.param("/@named", "/", id="named-ones-are-not-reached"),
    ],
)
def test_a_path_is_answered_by(tmp_path: Path, path: str, location: str) -> None:
    text = f"server {{ server_name x;\n{LOCATIONS}\n}}"
    (found,) = located(tmp_path, {"conf.d/a.conf": text}, f"x{path}")
    assert found.location == location
    assert found.way


def test_a_proxied_location_answers_its_path_without_slash_by_a_redirect(tmp_path: Path) -> None:
    text = f"server {{ server_name x;\n{LOCATIONS}\n}}"
    (found,) = located(tmp_path, {"conf.d/a.conf": text}, "x/slash")
    assert (found.location, found.redirects) == ("/slash/", True)
    (static,) = located(tmp_path, {"conf.d/a.conf": text}, "x/img")
    assert (static.location, static.redirects) == ("/", False)


SERVERS = """
server { listen 80; server_name first.test; }
server { listen 80 default_server; server_name default.test; }
server { listen 80; server_name a.test www.a.test; }
server { listen 80; server_name *.test; }
server { listen 80; server_name *.deep.test; }
server { listen 80; server_name b.*; }
server { listen 80; server_name ~^c\\d+\\.example$; }
server { listen 80; server_name .dot.example; }
server { listen 81; server_name a.test-81; }
"""


@pytest.mark.parametrize(
    ("host", "server"),
    [
        pytest.param("a.test", "a.test", id="exact-before-wildcard"),
        pytest.param("A.TEST.", "a.test", id="case-and-final-dot-do-not-matter"),
        pytest.param("z.test", "*.test", id="leading-wildcard"),
        pytest.param("b.test", "*.test", id="leading-before-trailing"),
        pytest.param("x.deep.test", "*.deep.test", id="longest-wildcard"),
        pytest.param("b.example", "b.*", id="trailing-wildcard"),
        pytest.param("c12.example", "~^c\\d+\\.example$", id="regular-expression"),
        pytest.param("dot.example", ".dot.example", id="leading-dot-is-the-name-itself"),
        pytest.param("sub.dot.example", ".dot.example", id="and-what-is-below"),
        pytest.param("unknown.org", "default.test", id="default-server"),
    ],
)
def test_a_host_is_answered_by(tmp_path: Path, host: str, server: str) -> None:
    (found,) = located(tmp_path, {"conf.d/a.conf": SERVERS}, f"{host}/", port=80)
    assert found.server == server


def test_without_a_port_every_port_answers(tmp_path: Path) -> None:
    found = located(tmp_path, {"conf.d/a.conf": SERVERS}, "a.test/")
    assert [one.server for one in found] == ["a.test", "a.test-81"]


def test_the_first_server_answers_where_none_is_the_default(tmp_path: Path) -> None:
    text = "server { server_name one; } server { server_name two; }"
    assert located(tmp_path, {"conf.d/a.conf": text}, "three/")[0].server == "one"


def test_a_location_that_hands_over_has_the_address_of_the_other(tmp_path: Path) -> None:
    text = (
        "server { server_name x; location / { try_files $uri @app; } location @app { proxy_pass http://a; } }"
    )
    (found,) = located(tmp_path, {"conf.d/a.conf": text}, "x/any")
    assert (found.location, found.address) == ("/", "nginx:x/@app")


def test_a_pattern_that_cannot_be_evaluated_is_named(tmp_path: Path) -> None:
    text = "server { server_name x; location / {} location ~ ^/(a+)+$ {} }"
    (found,) = located(tmp_path, {"conf.d/a.conf": text}, "x/" + "a" * 40 + "!")
    assert (found.location, found.unsure) == ("/", ("~ ^/(a+)+$",))


@pytest.mark.parametrize(
    ("regex", "any_case", "prefix"),
    [
        ("^/api/", False, "/api/"),
        ("^/api/v[0-9]+/", False, "/api/v"),
        ("^/a\\.b/(x|y)", False, "/a.b/"),
        ("^/ab?c", False, "/a"),
        ("^/ab{2}", False, "/a"),
        ("^/a|^/b", False, "/"),
        ("^(/a|/b)", False, "/"),
        ("^/api/", True, "/"),
        ("^/1-2/x", True, "/1-2/"),
        ("\\.php$", False, "/"),
        ("^~", False, "/"),
        ("", False, "/"),
    ],
)
def test_the_literal_beginning_of_a_regular_expression(regex: str, any_case: bool, prefix: str) -> None:
    assert literal_prefix(regex, any_case=any_case) == prefix


@given(st.from_regex(r"\A\^/[a-z./|?*()\\\[\]+{}0-9-]{0,12}\Z"), st.text(alphabet="/abz.0-", max_size=12))
def test_whatever_a_regular_expression_matches_begins_with_its_literal_prefix(regex: str, rest: str) -> None:
    compiled = compile_regex(regex)
    path = "/" + rest
    if compiled and compiled.search(path):
        assert path.startswith(literal_prefix(regex))


@pytest.mark.parametrize(
    ("args", "rule"),
    [
        (("/a",), ("/a", "/a", False, False)),
        (("=", "/a"), ("= /a", "/a", True, False)),
        (("=/a",), ("=/a", "/a", True, False)),
        (("^~", "/a"), ("^~ /a", "/a", False, False)),
        (("~", "^/a\\.php$"), ("~ ^/a\\.php$", "/a.php", False, True)),
        (("~*\\.x$",), ("~*\\.x$", "/", False, True)),
    ],
)
def test_what_a_location_says_of_its_paths(args: tuple[str, ...], rule: tuple[str, str, bool, bool]) -> None:
    (found,) = read_pattern(args).rules
    assert (found.pattern, found.prefix, found.exact, found.opaque) == rule


@pytest.mark.parametrize("regex", ["(a+)+", "(a|aa)+$", "((a*)b)*", "(a|b*){2,}", "(.*)" * 9])
def test_patterns_that_can_take_for_ever_are_not_run(regex: str) -> None:
    assert compile_regex(regex) is None


@pytest.mark.parametrize("regex", ["^/(?<name>[^/]+)/x", "[[:digit:]]+", "^/(a|b)/", "\\.(?:jpe?g|png)$"])
def test_usual_patterns_are_run(regex: str) -> None:
    assert compile_regex(regex) is not None


@given(st.text(max_size=30))
def test_a_normalised_path_stays_as_it_is_unless_it_decodes_further(path: str) -> None:
    once = normalise(path)
    assert once.startswith("/")
    assert "//" not in once
    if not {"%", "?", "#"} & set(once):
        assert normalise(once) == once
