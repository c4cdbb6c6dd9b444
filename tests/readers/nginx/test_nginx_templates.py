"""Templates: expressions stay unknown, tags between statements vanish, nothing else is lost or moved."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nginx_files import addresses, declared, hosts, only_problem, reading, text, value

from budgetcheck.model.settings import Known, OneOf, ProblemKind, Reading, Unresolved
from budgetcheck.readers.nginx.lexing import parse
from budgetcheck.readers.nginx.templates import MAX_TAGS, expression_in, read_template

PASS = "proxy_pass http://10.0.0.1;"


def location(folder: Path, body: str) -> Reading:
    return reading(
        folder,
        {"nginx.conf.template": f"server {{ server_name x; location / {{ {PASS}\n{body}\n}} }}"},
    )


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("proxy_read_timeout {{ t }};", id="jinja"),
        pytest.param("proxy_read_timeout {{ t | default({'a': {}}) }}s;", id="jinja-with-braces"),
        pytest.param("proxy_read_timeout {{ .Values.timeout }}s;", id="helm"),
        pytest.param("proxy_read_timeout <%= @t %>;", id="erb"),
        pytest.param("proxy_read_timeout ${T}s;", id="envsubst"),
        pytest.param("proxy_read_timeout $PROXY_TIMEOUT;", id="envsubst-bare"),
        pytest.param('proxy_read_timeout ${ timeouts["read"] };', id="terraform"),
        pytest.param("proxy_read_timeout [[ .t ]]s;", id="go-with-other-delimiters"),
        pytest.param("proxy_read_timeout {% if a %}1s{% else %}2s{% endif %};", id="condition-in-the-value"),
        pytest.param("proxy_read_timeout __TIMEOUT__;", id="sed"),
        pytest.param("proxy_read_timeout @TIMEOUT@;", id="autoconf"),
        pytest.param("proxy_read_timeout {READ_TIMEOUT};", id="sed-in-braces"),
        pytest.param("proxy_read_timeout {READ_TIMEOUT}s;", id="sed-in-braces-with-a-unit"),
        pytest.param("proxy_read_timeout APP_READ_TIMEOUT;", id="sed-of-a-word"),
    ],
)
def test_an_expression_is_an_unknown_value_and_the_next_directive_stays(tmp_path: Path, written: str) -> None:
    result = location(tmp_path, f"{written}\nproxy_send_timeout 7s;")
    assert isinstance(value(result, "nginx:x/", "proxy_read_timeout"), Unresolved)
    assert text(result, "nginx:x/", "proxy_send_timeout") == "7s"
    assert not result.problems


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(r'location ~ "^/\p{Lu}{2,5}/" { proxy_pass http://a; }', id="a-class-of-letters"),
        pytest.param("if ($args) {\nset $a B;\n}", id="a-block"),
    ],
)
def test_braces_that_are_no_placeholder_stay(tmp_path: Path, written: str) -> None:
    server = f"server {{ server_name x; location / {{ {PASS} proxy_send_timeout 7s; }}\n{written}\n}}"
    result = reading(tmp_path, {"nginx.conf.template": server})
    assert text(result, "nginx:x/", "proxy_send_timeout") == "7s"
    assert not result.problems


@pytest.mark.parametrize(
    ("opening", "otherwise", "closing"),
    [
        pytest.param("{% if a %}", "{% else %}", "{% endif %}", id="jinja"),
        pytest.param("{{- if .a }}", "{{- else }}", "{{- end }}", id="helm"),
        pytest.param("<% if @a -%>", "<% else %>", "<% end %>", id="erb"),
        pytest.param("<% if $a { %>", "<% } else { %>", "<% } %>", id="epp"),
        pytest.param("%{ if a ~}", "%{ else ~}", "%{ endif ~}", id="terraform"),
    ],
)
def test_conditions_make_a_value_one_of_several_or_unknown(
    tmp_path: Path, opening: str, otherwise: str, closing: str
) -> None:
    both = location(
        tmp_path, f"{opening}\nproxy_read_timeout 5s;\n{otherwise}\nproxy_read_timeout 9s;\n{closing}"
    )
    found = value(both, "nginx:x/", "proxy_read_timeout")
    assert isinstance(found, OneOf)
    assert found.values == ("5s", "9s")
    perhaps = location(tmp_path, f"{opening}\nproxy_read_timeout 5s;\n{closing}\nproxy_send_timeout 3s;")
    assert isinstance(value(perhaps, "nginx:x/", "proxy_read_timeout"), Unresolved)
    assert value(perhaps, "nginx:x/", "proxy_send_timeout") == Known(value="3s")
    assert not both.problems + perhaps.problems


def test_a_condition_around_the_whole_server_leaves_its_values_certain(tmp_path: Path) -> None:
    files = {
        "nginx.conf.j2": "{% if tls %}\nserver { server_name x; location / { proxy_pass http://10.0.0.1;\n"
        "proxy_read_timeout 5s; } }\n{% endif %}\n"
    }
    assert text(reading(tmp_path, files), "nginx:x/", "proxy_read_timeout") == "5s"


def test_lines_are_those_of_the_template() -> None:
    parsed = parse("{#\n comment\n#}\n{% set a =\n 1 %}\nlisten 80;\n{{ x\n}}\nroot /a;", "f")
    assert [(one.line, one.name) for one in parsed.statements] == [(6, "listen"), (7, "{{ x }}"), (9, "root")]


@pytest.mark.parametrize(
    "tag", ["{{ extra }}", "${EXTRA_CONFIG}", "{% include 'more.j2' %}", "<%= @extra %>"]
)
def test_a_tag_that_stands_for_directives_may_set_any_limit(tmp_path: Path, tag: str) -> None:
    result = location(tmp_path, f"{tag}\nproxy_send_timeout 7s;")
    assert text(result, "nginx:x/", "proxy_send_timeout") == "7s"
    unseen = value(result, "nginx:x/", "proxy_read_timeout")
    assert isinstance(unseen, Unresolved)
    assert "may set it" in unseen.reason


def test_an_unknown_inner_directive_does_not_touch_what_is_set_inside_of_it(tmp_path: Path) -> None:
    files = {
        "nginx.conf.j2": "server { server_name x; {{ extra }}\nproxy_read_timeout 3s;"
        " location / { proxy_pass http://10.0.0.1; proxy_connect_timeout 4s; } }"
    }
    result = reading(tmp_path, files)
    assert text(result, "nginx:x/", "proxy_connect_timeout") == "4s"
    assert text(result, "nginx:x/", "proxy_read_timeout") == "3s"


def test_a_loop_of_servers_makes_their_number_unknown(tmp_path: Path) -> None:
    files = {
        "nginx.conf.tftpl": "upstream app {\n%{ for s in servers ~}\nserver ${s.ip}:${port};\n%{ endfor ~}\n"
        "}\n"
        "server { server_name x; location / { proxy_pass http://app; } }"
    }
    found = declared(reading(tmp_path, files), "nginx:x/")
    assert (found.peers.low, found.peers.high) == (1, None)
    assert found.targets[0].reason == "the address comes from ${s.ip}"


def test_a_location_from_an_expression_is_opaque(tmp_path: Path) -> None:
    files = {
        "nginx.conf.tmpl": "server { server_name x;\n{{- range .routes }}\n"
        "location {{ .path }} {\n proxy_pass http://{{ .host }}:80;\n}\n{{- end }}\n}"
    }
    found = declared(reading(tmp_path, files), "nginx:x/{{ .path }}")
    assert [(rule.opaque, rule.prefix) for rule in found.front.paths] == [(True, "")]


def test_an_environment_variable_for_the_host_leaves_the_port_and_the_path_known(tmp_path: Path) -> None:
    files = {"default.conf.template": "server { location /api/ { proxy_pass http://${APP_HOST}:8000/; } }"}
    result = reading(tmp_path, files)
    assert hosts(result, "nginx:_/api/") == [":8000"]
    target = declared(result, "nginx:_/api/").targets[0]
    assert (target.strip, target.replace) == ("/api/", "/")
    assert "${APP_HOST}" in target.reason


def test_a_template_that_does_not_balance_is_refused_with_advice(tmp_path: Path) -> None:
    files = {
        "nginx.conf.j2": "{% if a %}\nserver { listen 80;\n{% else %}\nserver { listen 81;\n{% endif %}\n}"
    }
    result = reading(tmp_path, files)
    assert not addresses(result)
    assert "render the Jinja template" in only_problem(result, ProblemKind.UNREADABLE).fix


@pytest.mark.parametrize(
    "plain",
    [
        'location ~ [[:alnum:]]+ { return 200 \'{"a":{"b":{}}}\'; }',
        "server {# a block whose first line is a comment\nlisten 80;\n}",
        "log_format x '%{x}';",
        "proxy_pass http://${backend}:80;",
    ],
    ids=["posix-class-and-json", "comment-after-brace", "percent-brace", "variable-in-braces"],
)
def test_plain_nginx_is_not_taken_for_a_template(plain: str) -> None:
    assert read_template(plain).text == plain


def test_an_endless_template_is_refused() -> None:
    assert "more than" in parse("listen 80;" + "{{a}};" * (MAX_TAGS + 1), "f").problems[0].text


@given(
    st.lists(st.sampled_from(["{{ a }}", "{% if a %}", "{% endif %}", "\n", "listen 80;", " x ", "<%= b %>"]))
)
def test_preparing_keeps_every_line_break(pieces: list[str]) -> None:
    source = "".join(pieces)
    assert read_template(source).text.count("\n") == source.count("\n")


@pytest.mark.parametrize(
    ("word", "expression"),
    [("30s", ""), ("http://a", ""), ("$t", ""), ("{{ a }}s", "{{ a }}"), ("a${B}c", "${B}"), ("$T", "$T")],
)
def test_what_counts_as_an_expression(word: str, expression: str) -> None:
    assert expression_in(word) == expression
