"""Settings that nobody wrote yet go where their language has a certain place for them, else nowhere."""

from textwrap import dedent

import pytest

from budgetcheck.additions import added
from budgetcheck.model.findings import Addition, Edit, Syntax
from budgetcheck.model.span import Span


def after(
    text: str,
    line: int,
    syntax: Syntax,
    path: tuple[str, ...],
    value: str,
    *,
    column: int = 0,
    program: str = "",
) -> str:
    """The text with the setting; empty where its place is not certain."""
    name = {Syntax.YAML: "a.yaml", Syntax.COMMAND: "a.yaml", Syntax.HCL: "a.tf"}.get(syntax, "a")
    addition = Addition(syntax=syntax, path=path, value=value, program=program)
    edit = Edit(span=Span(file=name, line=line, column=column), old="", new="", addition=addition)
    lines = text.splitlines(keepends=True)
    change = added(edit, lines)
    if change is None:
        return ""
    old = lines[change.line - 1]
    lines[change.line - 1] = old[: change.start] + change.new + old[change.end :]
    return "".join(lines)


def nginx(text: str, line: int = 1) -> str:
    return after(text, line, Syntax.NGINX, ("proxy_read_timeout",), "65s")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param(
            "location / {\n  proxy_pass http://a;\n  proxy_set_header X y;  # why\n  root /x;\n}\n",
            "location / {\n  proxy_pass http://a;\n  proxy_set_header X y;  # why\n"
            "  proxy_read_timeout 65s;\n  root /x;\n}\n",
            id="behind its family",
        ),
        pytest.param(
            "location / { proxy_pass http://a; }\n",
            "location / { proxy_pass http://a; proxy_read_timeout 65s; }\n",
            id="a block on one line",
        ),
        pytest.param(
            'location ~ "^/a{2}$" {\n  proxy_pass http://a;\n}\n',
            'location ~ "^/a{2}$" {\n  proxy_pass http://a;\n  proxy_read_timeout 65s;\n}\n',
            id="braces in a regular expression",
        ),
        pytest.param(
            "location / {\n  include uwsgi_params;\n  uwsgi_pass a;\n}\n",
            "location / {\n  proxy_read_timeout 65s;\n  include uwsgi_params;\n  uwsgi_pass a;\n}\n",
            id="none of its family here, and an include that sets parameters only",
        ),
        pytest.param(
            "location / {\n  include snippets/proxy.conf;\n  proxy_pass http://a;\n}\n",
            "",
            id="what is included may have it, and nginx refuses a second one",
        ),
        pytest.param("location / {\n  proxy_read_timeout 5s;\n}\n", "", id="it is written already"),
        pytest.param(
            "location / {\n  # proxy_read_timeout 5s;\n  proxy_pass a;\n}\n",
            "location / {\n  # proxy_read_timeout 5s;\n  proxy_pass a;\n  proxy_read_timeout 65s;\n}\n",
            id="written in a comment",
        ),
        pytest.param("proxy_pass http://a;\n", "", id="the line begins no block"),
        pytest.param(
            "location / {\r\n  proxy_pass http://a;\r\n}\r\n",
            "location / {\r\n  proxy_pass http://a;\r\n  proxy_read_timeout 65s;\r\n}\r\n",
            id="other line ends",
        ),
    ],
)
def test_nginx(text: str, wanted: str) -> None:
    assert nginx(text) == wanted


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        pytest.param(
            "idle_timeout",
            'resource "aws_lb" "a" {\n  name         = "a"\n  subnets      = [\n    "x"\n  ]\n}\n',
            'resource "aws_lb" "a" {\n  name         = "a"\n  idle_timeout = 65\n'
            '  subnets      = [\n    "x"\n  ]\n}\n',
            id="aligned",
        ),
        pytest.param(
            "origin.read_timeout",
            'resource "c" "a" {\n  origin {\n    id = "x"\n  }\n}\n',
            'resource "c" "a" {\n  origin {\n    id = "x"\n\n    read_timeout = 65\n  }\n}\n',
            id="in a block that is there once",
        ),
        pytest.param(
            "origin.read_timeout",
            'resource "c" "a" {\n  origin {\n    id = "x"\n  }\n  origin {\n    id = "y"\n  }\n}\n',
            "",
            id="a block that is there twice",
        ),
        pytest.param(
            "idle_timeout", 'resource "aws_lb" "a" {\n  idle_timeout = var.idle\n}\n', "", id="it is written"
        ),
        pytest.param(
            "idle_timeout", 'module "lb" {\n  source = "./lb"\n}\n', "", id="a module takes what it likes"
        ),
        pytest.param(
            "idle_timeout",
            'resource "aws_lb" "a" {\n  user_data = <<E\n}\nE\n}\n',
            "",
            id="a heredoc hides where the block ends",
        ),
    ],
)  # fmt: skip
def test_terraform(path: str, text: str, wanted: str) -> None:
    assert after(text, 1, Syntax.HCL, tuple(path.split(".")), "65") == wanted


@pytest.mark.parametrize(
    ("place", "path", "text", "wanted"),
    [
        pytest.param(
            (2, 3), "max_retries",
            "calls:\n- {to: a, client: openai}  # why\n",
            "calls:\n- {to: a, client: openai, max_retries: 0}  # why\n",
            id="a mapping in braces",
        ),
        pytest.param(
            (2, 3), "timeout.read",
            "calls:\n- {to: a, timeout: {connect: 5s}}\n",
            "calls:\n- {to: a, timeout: {connect: 5s, read: 0}}\n",
            id="into what is there of its path",
        ),
        pytest.param(
            (2, 3), "timeout.read", "calls:\n- {to: a, timeout: null}\n",
            "calls:\n- {to: a, timeout: {read: 0}}\n", id="instead of null",
        ),
        pytest.param(
            (2, 3), "timeout.read", "calls:\n- {to: a, timeout: 20s}\n", "", id="one number for all of them",
        ),
        pytest.param(
            (2, 5), "deadline",
            "routes:\n  - path: /a\n    methods: [GET]\n    calls:\n      - {to: a}\n",
            "routes:\n  - path: /a\n    methods: [GET]\n    deadline: 0\n    calls:\n      - {to: a}\n",
            id="before the first key with a block",
        ),
        pytest.param((1, 1), "deadline", "a: [\n", "", id="not YAML"),
    ],
)  # fmt: skip
def test_yaml(place: tuple[int, int], path: str, text: str, wanted: str) -> None:
    line, column = place
    assert after(text, line, Syntax.YAML, tuple(path.split(".")), "0", column=column) == wanted


def test_annotation_goes_to_the_metadata_of_its_manifest() -> None:
    text = "apiVersion: v1\nkind: Ingress\nmetadata:\n  name: a\nspec:\n  rules: []\n"
    made = after(text, 6, Syntax.YAML, ("metadata", "annotations", "x.io/a"), '"65"')
    assert made == text.replace("  name: a\n", '  name: a\n  annotations:\n    x.io/a: "65"\n')


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        pytest.param("timeout", "f(url)\n", "f(url, timeout=9)\n", id="behind the last argument"),
        pytest.param("timeout", "f()\n", "f(timeout=9)\n", id="the only one"),
        pytest.param(
            "timeout", "f(\n    url,\n    data=1,\n)\n", "f(\n    url,\n    data=1,\n    timeout=9,\n)\n",
            id="an argument a line",
        ),
        pytest.param(
            "timeout", "r.get(url).json()\n", "r.get(url, timeout=9).json()\n",
            id="what reads the answer is another call",
        ),
        pytest.param("timeout", "f(url, **more)\n", "", id="it may be among the keywords handed on"),
        pytest.param("timeout", "f(url, timeout=None)\n", "", id="it is written"),
        pytest.param("timeout", "f(x for x in y)\n", "", id="a generator needs brackets then"),
        pytest.param("timeout", "f('ü', 1)\n", "", id="columns are bytes"),
        pytest.param("timeout", "f(\n", "", id="not Python"),
        pytest.param(
            "with_options.max_retries", "client.chat.completions.create(m='m')\n",
            "client.with_options(max_retries=9).chat.completions.create(m='m')\n", id="option of a client",
        ),
        pytest.param("with_options.max_retries", "make().chat.create()\n", "", id="no name stands for it"),
    ],
)  # fmt: skip
def test_python(name: str, text: str, wanted: str) -> None:
    assert after(text, 1, Syntax.PYTHON, tuple(name.split(".")), "9", column=1) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param(
            "web:\n  command: gunicorn a:a\n", "web:\n  command: gunicorn --timeout 9 a:a\n", id="words"
        ),
        pytest.param(
            'web:\n  command: ["gunicorn", "a:a"]\n',
            'web:\n  command: ["gunicorn", "--timeout", "9", "a:a"]\n',
            id="a list in brackets",
        ),
        pytest.param(
            "web:\n  command:\n    - gunicorn\n    - a:a\n",
            'web:\n  command:\n    - gunicorn\n    - --timeout\n    - "9"\n    - a:a\n',
            id="a list",
        ),
        pytest.param(
            "web:\n  image: gunicorn\n  command: gunicorn a:a\n",
            "web:\n  image: gunicorn\n  command: gunicorn --timeout 9 a:a\n",
            id="an image of that name",
        ),
        pytest.param(
            "web:\n  command: sh -c 'pip install gunicorn && gunicorn a:a'\n", "", id="it is there twice"
        ),
        pytest.param("web:\n  build: .\nother:\n  command: gunicorn a:a\n", "", id="of another service"),
    ],
)  # fmt: skip
def test_command(text: str, wanted: str) -> None:
    assert after(dedent(text), 1, Syntax.COMMAND, ("--timeout",), "9", program="gunicorn") == wanted


@pytest.mark.parametrize(
    ("text", "line", "wanted"),
    [
        pytest.param(
            "<VirtualHost *:80>\n  ProxyPass / http://a/\n</VirtualHost>\n",
            2,
            "<VirtualHost *:80>\n  ProxyTimeout 65\n  ProxyPass / http://a/\n</VirtualHost>\n",
            id="above the rule",
        ),
        pytest.param(
            "<Location />\n  ProxyPass http://a/\n</Location>\n", 2, "", id="not in a section of a path"
        ),
        pytest.param("ServerAlias a \\\n  ProxyPass / http://a/\n", 2, "", id="not in a continued line"),
        pytest.param('SetHandler "proxy:fcgi://a"\n', 1, "", id="not beside a handler"),
    ],
)
def test_apache(text: str, line: int, wanted: str) -> None:
    assert after(text, line, Syntax.APACHE, ("ProxyTimeout",), "65") == wanted
