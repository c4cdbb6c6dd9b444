"""Apache httpd: which rule has a request, where it goes, how long it may take, what may never happen."""

from pathlib import Path

import pytest

from budgetcheck.discover import discover
from budgetcheck.model.limits import Origin
from budgetcheck.model.options import Options
from budgetcheck.model.settings import Declaration, Known, OneOf
from budgetcheck.readers import READERS
from budgetcheck.readers.apache import read
from budgetcheck.readers.apache.urls import read_url
from budgetcheck.readers.base import ReadContext
from budgetcheck.tree import SourceFile

from .files import reading

HOST = (
    "ServerRoot /etc/httpd\nListen 80\n{main}\n"
    "<VirtualHost *:80>\nServerName a.example.com\n{own}\n</VirtualHost>\n"
)


def rules(folder: Path, own: str, main: str = "") -> dict[str, Declaration]:
    """The declarations of one virtual host by their paths."""
    found = reading(folder, {"httpd.conf": HOST.format(main=main, own=own)})
    assert not found.problems, found.problems
    return {one.address.removeprefix("apache:a.example.com"): one for one in found.declarations}


def values(declaration: Declaration) -> dict[str, object]:
    return {
        one.name: one.value.value if isinstance(one.value, Known) else "?" for one in declaration.settings
    }


def reached(declaration: Declaration) -> list[str]:
    return [one.socket or f"{one.host}:{one.port}" for one in declaration.targets]


def test_a_virtual_host_takes_over_what_it_does_not_write(tmp_path: Path) -> None:
    main = "Timeout 100\nProxyTimeout 50\nKeepAliveTimeout 3"
    rule = rules(tmp_path, "Timeout 20\nProxyPass /api http://app:8000/", main)["/api"]
    assert values(rule) == {"Timeout": "20", "ProxyTimeout": "50", "KeepAliveTimeout": "3"}
    origins = {one.name: one.origin for one in rule.settings}
    assert (origins["Timeout"], origins["ProxyTimeout"]) == (Origin.WRITTEN, Origin.INHERITED)
    assert rule.front.hosts == ("a.example.com",)
    assert rule.front.ports == (80,)


ORDER = {
    "the first line has it": ("ProxyPass /a http://x:1/\nProxyPass / http://y:2/", {"/a": "x:1", "/": "y:2"}),
    "a line below a shorter path is never asked": (
        "ProxyPass / http://y:2/\nProxyPass /a http://x:1/",
        {"/": "y:2"},
    ),
    "a path ends with a word": (
        "ProxyPass /a http://x:1/\nProxyPass /ab http://y:2/",
        {"/a": "x:1", "/ab": "y:2"},
    ),
    "the last section has it": (
        "<Location /a>\nProxyPass http://x:1/\n</Location>\n<Location />\nProxyPass http://y:2/\n</Location>",
        {"/": "y:2"},
    ),
    "sections go before lines": (
        "ProxyPass /a http://x:1/\n<Location />\nProxyPass http://y:2/\n</Location>",
        {"/": "y:2"},
    ),
    "an exception is kept": ("ProxyPass /a !\nProxyPass / http://y:2/", {"/a": "", "/": "y:2"}),
    "an exception from nothing is not": ("ProxyPass /a !\nProxyPass /b http://y:2/", {"/b": "y:2"}),
    "an exception that comes too late": ("ProxyPass / http://y:2/\nProxyPass /a !", {"/": "y:2"}),
    "an expression that means a beginning": ("ProxyPassMatch ^/b/(.*)$ http://y:2/$1", {"/b/": "y:2"}),
    "an expression": (r"ProxyPassMatch ^/(.*\.php)$ fcgi://y:2/srv/$1", {r"/~ ^/(.*\.php)$": "y:2"}),
    "a rewritten request": ("RewriteRule ^/b/(.*) http://y:2/$1 [P,L]", {"/b/": "y:2"}),
    "a rule that redirects": ("RewriteRule ^/b/(.*) http://y:2/$1 [R,L]", {}),
    "an upgrade is no request": (
        "RewriteCond %{HTTP:Upgrade} websocket [NC]\nRewriteRule /(.*) ws://y:2/$1 [P]\nProxyPass / http://x:1/",
        {"/": "x:1"},
    ),
    "a handler": (
        '<FilesMatch \\.php$>\nSetHandler "proxy:unix:/run/a.sock|fcgi://localhost"\n</FilesMatch>',
        {r"/~ \.php$": "/run/a.sock"},
    ),
    "a handler that names a socket's worker": (
        '<Proxy "unix:/run/a.sock|fcgi://pool">\n</Proxy>\n<Location />\nSetHandler "proxy:fcgi://pool"\n</Location>',
        {"/": "/run/a.sock"},
    ),
    "what is passed on gets no handler": (
        'ProxyPass / http://y:2/\n<FilesMatch \\.php$>\nSetHandler "proxy:fcgi://z:3"\n</FilesMatch>',
        {"/": "y:2"},
    ),
    "a pattern of a section is taken for a path": (
        "<LocationMatch /b>\nProxyPass http://y:2\n</LocationMatch>",
        {"/b": "y:2"},
    ),
    "quotes and continued lines": ('ProxyPass "/a b" \\\n  "http://y:2/"', {"/a b": "y:2"}),
    "commented out": ("# ProxyPass /a http://x:1/ \\\n timeout=5\nProxyPass / http://y:2/", {"/": "y:2"}),
}


@pytest.mark.parametrize(("own", "expected"), [pytest.param(*case, id=name) for name, case in ORDER.items()])
def test_which_rule_has_a_request(own: str, expected: dict[str, str], tmp_path: Path) -> None:
    found = rules(tmp_path, own)
    assert {path: ", ".join(reached(one)).removeprefix(":0") for path, one in found.items()} == expected


def test_rules_of_the_main_server_go_before(tmp_path: Path) -> None:
    found = rules(
        tmp_path, "ProxyPass /a http://own:1/\nProxyPass / http://own:1/", "ProxyPass /a http://main:2/"
    )
    assert {path: reached(one) for path, one in found.items()} == {"/a": ["main:2"], "/": ["own:1"]}


WORKERS = {
    "its own": ("ProxyPass / http://y:2/ timeout=9", {"timeout": "9"}),
    "of a section": (
        "<Proxy http://y:2>\nProxySet timeout=9 acquire=20\n</Proxy>\nProxyPass / http://y:2/",
        {"timeout": "9", "acquire": "20ms"},
    ),
    "set afterwards": ("ProxyPass / http://y:2/ timeout=9\nProxySet http://y:2/ timeout=7", {"timeout": "7"}),
    "of a longer path": ("<Proxy http://y:2/v1/>\nProxySet timeout=9\n</Proxy>\nProxyPass / http://y:2/", {}),
    "of another port": ("<Proxy http://y:3>\nProxySet timeout=9\n</Proxy>\nProxyPass / http://y:2/", {}),
    "behind a socket, by its name": (
        '<Proxy fcgi://php/>\nProxySet timeout=9\n</Proxy>\n<Location />\nSetHandler "proxy:unix:/run/a|fcgi://php"\n</Location>',
        {"timeout": "9"},
    ),
    "a unit that counts": ("ProxyPass / http://y:2/ connectiontimeout=1min", {"connectiontimeout": "60s"}),
    "milliseconds": ("ProxyPass / http://y:2/ connectiontimeout=500ms", {"connectiontimeout": "500ms"}),
    "the one above": ("ProxyTimeout 5\nProxyPass / http://y:2/\nProxyTimeout 7", {"ProxyTimeout": "5"}),
    "the one below, where none is above": ("ProxyPass / http://y:2/\nProxyTimeout 7", {"ProxyTimeout": "7"}),
    "no connection is kept": ("KeepAlive Off\nProxyPass / http://y:2/", {"KeepAliveTimeout": "0"}),
    "nobody knows which version": ("ProxyPassMatch ^/(.*)$ http://y:2/$1 timeout=9", {"timeout": "?"}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("own", "expected"), [pytest.param(*case, id=name) for name, case in WORKERS.items()]
)
def test_times_of_a_server_behind(own: str, expected: dict[str, str], tmp_path: Path) -> None:
    assert values(rules(tmp_path, own)["/"]) == expected


BALANCERS = {
    "every member once": ("BalancerMember http://x:1\nBalancerMember http://y:2", ["x:1", "y:2"], "1"),
    "alone": ("BalancerMember http://x:1", ["x:1"], "0"),
    "a spare one": ("BalancerMember http://x:1\nBalancerMember http://y:2 status=+H", ["x:1", "y:2"], "1"),
    "switched off": ("BalancerMember http://x:1\nBalancerMember http://y:2 status=D", ["x:1"], "0"),
    "as is written": ("BalancerMember http://x:1\nProxySet maxattempts=4", ["x:1"], "4"),
}


@pytest.mark.parametrize(
    ("lines", "targets", "attempts"), [pytest.param(*case, id=name) for name, case in BALANCERS.items()]
)
def test_members_of_a_balancer(lines: str, targets: list[str], attempts: str, tmp_path: Path) -> None:
    own = f"<Proxy balancer://pool>\n{lines}\n</Proxy>\nProxyPass / balancer://pool/ timeout=3"
    rule = rules(tmp_path, own)["/"]
    assert reached(rule) == targets
    assert values(rule) == {"maxattempts": attempts, "balancer.timeout": "3"}


def test_members_that_differ(tmp_path: Path) -> None:
    members = "BalancerMember http://x:1 timeout=5\nBalancerMember http://y:2 timeout=9"
    own = f"<Proxy balancer://p>\n{members}\n</Proxy>"
    rule = rules(tmp_path, f"{own}\nProxyPass / balancer://p/")["/"]
    (timeout,) = (one.value for one in rule.settings if one.name == "timeout")
    assert isinstance(timeout, OneOf)
    assert timeout.values == ("5", "9")


CONDITIONS = {
    "a module": ("<IfModule mod_proxy.c>\nProxyTimeout 5\n</IfModule>", "5"),
    "a module that is missing": ("<IfModule !mod_proxy.c>\nProxyTimeout 5\n</IfModule>", None),
    "defined here": ("Define slow\n<IfDefine slow>\nProxyTimeout 5\n</IfDefine>", "5"),
    "not defined here": ("Define slow\n<IfDefine !slow>\nProxyTimeout 5\n</IfDefine>", None),
    "given at the start, or not": ("<IfDefine slow>\nProxyTimeout 5\n</IfDefine>", "?"),
    "an old version": ("<IfVersion < 2.4>\nProxyTimeout 5\n</IfVersion>", None),
    "a new version": ("<IfVersion >= 2.4>\nProxyTimeout 5\n</IfVersion>", "5"),
    "a variable": ("Define T 5\nProxyTimeout ${T}", "5"),
    "a variable of the environment": ("ProxyTimeout ${T}", "?"),
    "a macro": ("<Macro Slow $t>\nProxyTimeout $t\n</Macro>\nUse slow 5", "5"),
    "a template": ("ProxyTimeout {{ proxy_timeout }}", "?"),
}


@pytest.mark.parametrize(
    ("own", "expected"), [pytest.param(*case, id=name) for name, case in CONDITIONS.items()]
)
def test_what_counts(own: str, expected: str | None, tmp_path: Path) -> None:
    assert values(rules(tmp_path, f"{own}\nProxyPass / http://y:2/")["/"]).get("ProxyTimeout") == expected


COMPOSE = """services:
  web:
    image: httpd:2.4
    volumes: ["./httpd.conf:/usr/local/apache2/conf/httpd.conf:ro"]
    environment: {WAIT: "45", BACKEND: "app:8000", SECRET: "hunter2 x"}
"""


def test_the_environment_of_the_container(tmp_path: Path) -> None:
    own = "ProxyTimeout ${WAIT}\nTimeout ${SECRET}\nProxyPass / http://${BACKEND}/"
    (tmp_path / "httpd.conf").write_text(HOST.format(main="", own=own))
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    found = discover([tmp_path], tmp_path)
    context = ReadContext(tree=found.tree, options=Options(), siblings=found.files)
    (rule,) = read(found.claimed_by("apache"), context).declarations
    assert reached(rule) == ["app:8000"]
    assert values(rule) == {"ProxyTimeout": "45", "Timeout": "?"}
    (spans,) = (one.spans for one in rule.settings if one.name == "ProxyTimeout")
    assert [span.file for span in spans] == ["httpd.conf", "compose.yaml"]


def test_includes_are_found_where_they_lie_in_a_repository(tmp_path: Path) -> None:
    files = {
        "docker/httpd.conf": "ServerRoot /x\nInclude conf/extra/*.conf\nInclude /etc/httpd/more/x.inc\n",
        "docker/extra/a.conf": "<VirtualHost *:80>\nServerName a\nProxyPass / http://x:1/\n</VirtualHost>\n",
        "docker/more/x.inc": "ProxyTimeout 5\n",
        "secret.conf": "",
    }
    found = reading(tmp_path, files)
    assert not found.problems
    (rule,) = found.declarations
    assert values(rule) == {"ProxyTimeout": "5"}


def test_a_file_of_several_configurations_is_declared_once(tmp_path: Path) -> None:
    host = "<VirtualHost *:80>\nServerName a\nInclude common.inc\n</VirtualHost>\n"
    files = {"one.conf": host, "two.conf": host, "common.inc": "ProxyPass / http://x:1/\n"}
    assert [one.address for one in reading(tmp_path, files).declarations] == ["apache:a/"]


def test_what_a_main_file_says_is_not_known_without_it(tmp_path: Path) -> None:
    files = {"a.conf": "<VirtualHost *:443>\nServerName a\nProxyPass / http://x:1/\n</VirtualHost>\n"}
    (rule,) = reading(tmp_path, files).declarations
    (timeout,) = rule.settings
    assert isinstance(timeout.value, OneOf)
    assert timeout.value.values == ("60", "300")


def test_two_ports_of_one_name_are_told_apart(tmp_path: Path) -> None:
    host = "<VirtualHost *:{}>\nServerName a\nProxyPass / http://x:1/\n</VirtualHost>\n"
    found = reading(tmp_path, {"a.conf": host.format(80) + host.format(443)})
    assert [one.address for one in found.declarations] == ["apache:a:80/", "apache:a:443/"]


BRANCHES = """{% if behind_balancer %}
<VirtualHost {{ address }}:80>
{% else %}
<VirtualHost *:443>
{% endif %}
ServerName a
ProxyPass / http://x:1/
</VirtualHost>
"""


def test_a_template_that_opens_a_section_in_each_of_its_branches(tmp_path: Path) -> None:
    found = reading(tmp_path, {"a.conf.j2": BRANCHES})
    assert not found.problems
    assert [one.address for one in found.declarations] == ["apache:a/"]


URLS = {
    "http://app:8000/v1": ("app", 8000, "/v1", ""),
    "http://app": ("app", 80, "", ""),
    "https://App.Example.com": ("app.example.com", 443, "", ""),
    "http://app:8000$1": ("app", 8000, "", ""),
    "http://[::1]:80/": ("::1", 80, "/", ""),
    "http://app:${PORT}/": ("app", 0, "", ""),
    "unix:/run/a.sock|http://localhost/": ("localhost", 0, "/", "/run/a.sock"),
}


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*case, id=case[0]) for case in URLS.items()])
def test_targets(text: str, expected: tuple[str, int, str, str]) -> None:
    url = read_url(text)
    assert url is not None
    assert not url.reason
    assert (url.host, url.port, url.path, url.socket) == expected


@pytest.mark.parametrize(
    "text",
    [
        "http://${HOST}:80/",
        "http://{{ host }}/",
        "http://%{HTTP_HOST}/$1",
        "http://$1/",
        "http://app-{{ env }}:80/",
    ],
)
def test_targets_that_are_filled_in(text: str) -> None:
    url = read_url(text)
    assert url is not None
    assert url.reason


@pytest.mark.parametrize(
    ("name", "head", "reader"),
    [
        ("httpd.conf", "Listen 80\nLoadModule proxy_module modules/mod_proxy.so\n", "apache"),
        ("sites-enabled/shop.conf", "<VirtualHost *:80>\n  ServerName a\n</VirtualHost>\n", "apache"),
        ("sites-available/shop", "  ProxyPass / http://app:8000/\n", "apache"),
        ("conf.d/php.conf", "<FilesMatch \\.php$>\n", "apache"),
        ("shop.vhost", "<VirtualHost *:80>\n", "apache"),
        ("nginx.conf", "server {\n  listen 80;\n}\n", "nginx"),
        ("conf.d/api.conf", "location / {\n  proxy_pass http://a;\n}\n", "nginx"),
        ("sites-enabled/api.conf", "# once ProxyPass / http://x/\nserver {\n", "nginx"),
        ("sites-enabled/empty.conf", "", "nginx"),
        ("README.md", "<VirtualHost *:80>\n", ""),
        ("setup.cfg", "[metadata]\n", ""),
    ],
)
def test_whose_configuration_it_is(name: str, head: str, reader: str) -> None:
    file = SourceFile(name=name, path=Path("/x") / name, head=head)
    claimed = [one.name for one in READERS if one.claims(file)]
    assert (claimed or [""])[0] == reader
