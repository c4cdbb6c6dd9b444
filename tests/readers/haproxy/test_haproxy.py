"""HAProxy: sections and their defaults, the ways from frontends to backends, and what it may never do."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.model.limits import Origin
from budgetcheck.model.options import Options
from budgetcheck.model.settings import Declaration, Known
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.claims import is_haproxy, is_nginx
from budgetcheck.readers.haproxy import read
from budgetcheck.readers.haproxy.sections import proxies_in
from budgetcheck.tree import SourceFile, Tree

BASE = (
    "defaults\n  mode http\n  timeout connect 5s\n  timeout client 1m\n  timeout server 30s\n"
    "frontend web\n  bind *:80\n{}\nbackend api\n  server a api:8000 check\nbackend slow from late\n"
    "  server b 10.0.0.2:9000\n"
)


def ways(folder: Path, text: str) -> dict[str, Declaration]:
    """The declarations by the end of their addresses."""
    path = folder / "haproxy.cfg"
    path.write_text(text, encoding="utf-8")
    tree = Tree(root=folder.resolve(), base=folder.resolve())
    file = SourceFile(name=path.name, path=folder.resolve() / path.name)
    reading = read([file], ReadContext(tree=tree, options=Options(), siblings=(file,)))
    assert not reading.problems
    return {one.address.removeprefix("haproxy:haproxy.cfg:"): one for one in reading.declarations}


def values(declaration: Declaration) -> dict[str, object]:
    return {
        one.name.removeprefix("timeout "): one.value.value if isinstance(one.value, Known) else "?"
        for one in declaration.settings
    }


def test_a_way_has_the_times_of_both_sides(tmp_path: Path) -> None:
    text = BASE.format("  timeout client 20s\n  default_backend api").replace(
        "backend api\n", "backend api\n  timeout server 5m # reports\n  retries 1\n"
    )
    way = ways(tmp_path, text)["web/api"]
    assert values(way) == {"client": "20s", "server": "5m", "connect": "5s", "retries": "1"}
    assert way.front.ports == (80,)
    assert [(target.host, target.port, target.group) for target in way.targets] == [("api", 8000, "api")]
    origins = {one.name: one.origin for one in way.settings}
    assert (origins["timeout server"], origins["timeout connect"]) == (Origin.WRITTEN, Origin.INHERITED)


CONDITIONS = {
    "none": ("default_backend api", "web/api", (), ()),
    "a named host": (
        "acl mine hdr(host) -i Api.example.com\n  use_backend api if mine",
        "web/api",
        ("api.example.com",),
        (),
    ),
    "a path in place": ("use_backend api if { path_beg /v1 /v2 }", "web/api", (), ("/v1", "/v2")),
    "both": (
        "acl mine hdr(host) api.example.com\n  use_backend api if mine { path_beg -i /v1 }",
        "web/api",
        ("api.example.com",),
        ("/v1",),
    ),
    "the opposite is not understood": ("use_backend api if !{ path_beg /v1 }", "web/api", (), ()),
    "a name that is filled in": (
        "acl mine hdr(host) -i {{ name }}\n  use_backend api if mine",
        "web/api",
        (),
        (),
    ),
}


@pytest.mark.parametrize(
    ("lines", "way", "hosts", "paths"), [pytest.param(*case, id=name) for name, case in CONDITIONS.items()]
)
def test_which_requests_go_where(
    lines: str, way: str, hosts: tuple[str, ...], paths: tuple[str, ...], tmp_path: Path
) -> None:
    found = ways(tmp_path, BASE.format(f"  {lines}"))[way]
    assert (found.front.hosts, tuple(rule.prefix for rule in found.front.paths)) == (hosts, paths)


DEFAULTS = {
    "those above": ("defaults\n timeout server 9s\n mode http\n", "listen l\n", {"server": "9s"}),
    "the last ones": (
        "defaults\n timeout server 9s\n mode http\ndefaults\n mode http\n timeout connect 1s\n",
        "listen l\n",
        {"connect": "1s"},
    ),
    "by name": (
        "defaults slow\n mode http\n timeout server 9s\ndefaults fast\n mode http\n timeout server 1s\n",
        "listen l from slow\n",
        {"server": "9s"},
    ),
    "defaults that build on others": (
        "defaults base\n mode http\n timeout connect 1s\ndefaults more from base\n timeout server 9s\n",
        "listen l from more\n",
        {"server": "9s", "connect": "1s"},
    ),
}


@pytest.mark.parametrize(
    ("defaults", "section", "expected"), [pytest.param(*case, id=name) for name, case in DEFAULTS.items()]
)
def test_defaults(defaults: str, section: str, expected: dict[str, object], tmp_path: Path) -> None:
    way = ways(tmp_path, f"{defaults}{section} server a 127.0.0.1:80\n")["l"]
    assert values(way) == expected


@pytest.mark.parametrize(
    ("server", "host", "port", "socket", "reason"),
    [
        pytest.param("server a app:80 weight 10", "app", 80, "", False, id="a name"),
        pytest.param("server a ipv4@10.0.0.1:80", "10.0.0.1", 80, "", False, id="its family"),
        pytest.param("server a [::1]:80", "::1", 80, "", False, id="IPv6"),
        pytest.param("server a unix@/run/a.sock", "", 0, "/run/a.sock", False, id="a socket"),
        pytest.param("server-template a 1-3 app:80", "app", 80, "", False, id="several by one name"),
        pytest.param("server a {{ host }}:80", "", 0, "", True, id="a template"),
        pytest.param('server a "${HOST}":80', "", 0, "", True, id="the environment"),
    ],
)
def test_servers(server: str, host: str, port: int, socket: str, *, reason: bool, tmp_path: Path) -> None:
    (target,) = ways(tmp_path, f"listen l\n mode http\n {server}\n")["l"].targets
    assert (target.host, target.port, target.socket, bool(target.reason)) == (host, port, socket, reason)


def test_a_time_that_is_filled_in_is_not_known(tmp_path: Path) -> None:
    text = "listen l\n mode http\n timeout server {{ haproxy.timeout | default('30s') }}\n server a app:80\n"
    assert values(ways(tmp_path, text)["l"]) == {"server": "?"}


def test_proxies_of_connections_are_left_out(tmp_path: Path) -> None:
    assert ways(tmp_path, "listen db\n mode tcp\n server a db:5432\nlisten bare\n server a db:5432\n") == {}


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("haproxy.cfg", "defaults\n  timeout server 3s\n", True),
        ("lb.cfg.j2", "frontend web\n  default_backend x\n", True),
        ("setup.cfg", "[metadata]\nname = x\n", False),
        ("nginx.conf", "server {\n  listen 80;\n}\n", False),
    ],
)
def test_what_is_a_configuration(name: str, head: str, *, expected: bool) -> None:
    file = SourceFile(name=name, path=Path(name), head=head)
    assert is_haproxy(file) is expected
    assert not (expected and is_nginx(file))


_LINES = (
    "defaults",
    "frontend a",
    "backend b from",
    " timeout server",
    ' server "x',
    " use_backend b if {",
    " acl m hdr(host)",
    "\x00",
    " bind :",
    " retries",
)
_TEXT = st.lists(st.sampled_from(_LINES), max_size=12)


@given(_TEXT)
def test_no_text_breaks_it(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert all(0 < one.number <= len(lines) for one in proxies_in(text))
