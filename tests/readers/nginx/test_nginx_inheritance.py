"""Which directives are in force where: the nearest block wins, each directive as a whole."""

from pathlib import Path

import pytest
from nginx_files import declared, only_problem, places, reading, server, site, text, value

from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import OneOf, ProblemKind, Unresolved

PASS = "proxy_pass http://10.0.0.1:8000;"


def test_the_nearest_block_wins_and_the_rest_is_inherited(tmp_path: Path) -> None:
    result = site(
        tmp_path,
        f"""proxy_read_timeout 10s; proxy_connect_timeout 1s;
        server {{ server_name x; proxy_read_timeout 20s;
          location / {{ {PASS} }}
          location /own/ {{ {PASS} proxy_read_timeout 30s; }} }}""",
    )
    assert text(result, "nginx:x/", "proxy_read_timeout") == "20s"
    assert text(result, "nginx:x/own/", "proxy_read_timeout") == "30s"
    assert text(result, "nginx:x/own/", "proxy_connect_timeout") == "1s"
    own = declared(result, "nginx:x/own/")
    origins = {setting.name: setting.origin for setting in own.settings}
    assert origins == {"proxy_read_timeout": Origin.WRITTEN, "proxy_connect_timeout": Origin.INHERITED}


def test_a_nested_location_inherits_limits_but_no_pass(tmp_path: Path) -> None:
    result = server(
        tmp_path,
        f"location /a/ {{ {PASS} proxy_read_timeout 5s; location /a/files/ {{ root /srv; }}"
        f" location /a/b/ {{ {PASS} }} }}",
    )
    assert [one.address for one in result.declarations] == ["nginx:x/a/", "nginx:x/a/b/"]
    nested = declared(result, "nginx:x/a/b/").setting("proxy_read_timeout")
    assert nested is not None
    assert nested.origin is Origin.INHERITED


def test_next_upstream_is_replaced_as_a_whole_while_tries_stay(tmp_path: Path) -> None:
    result = server(
        tmp_path,
        "proxy_next_upstream error timeout; proxy_next_upstream_tries 2;"
        f"location / {{ {PASS} proxy_next_upstream http_503 non_idempotent; }}",
    )
    assert text(result, "nginx:x/", "proxy_next_upstream") == "http_503 non_idempotent"
    assert text(result, "nginx:x/", "proxy_next_upstream_tries") == "2"


def test_a_named_location_takes_its_limits_from_the_server_not_from_the_origin(tmp_path: Path) -> None:
    result = server(
        tmp_path,
        f"proxy_read_timeout 7s; location / {{ {PASS} proxy_read_timeout 1s; error_page 504 = @fb; }}"
        f"location @fb {{ {PASS} }}",
    )
    assert text(result, "nginx:x/@fb", "proxy_read_timeout") == "7s"


def test_directives_of_every_family_are_kept(tmp_path: Path) -> None:
    result = server(tmp_path, "location / { fastcgi_pass unix:/run/php.sock; proxy_read_timeout 9s; }")
    assert text(result, "nginx:x/", "proxy_read_timeout") == "9s"
    assert declared(result, "nginx:x/").trait("family") == "fastcgi"


def test_worker_shutdown_timeout_of_the_main_context_reaches_every_location(tmp_path: Path) -> None:
    main = f"worker_shutdown_timeout 20s;\nhttp {{ server {{ server_name x; location / {{ {PASS} }} }} }}"
    result = reading(tmp_path, {"nginx.conf": main})
    assert text(result, "nginx:x/", "worker_shutdown_timeout") == "20s"


def test_the_header_of_keepalive_timeout_is_no_part_of_the_value(tmp_path: Path) -> None:
    result = server(tmp_path, f"keepalive_timeout 65 60; location / {{ {PASS} }}")
    assert text(result, "nginx:x/", "keepalive_timeout") == "65"


def test_quotes_are_taken_off(tmp_path: Path) -> None:
    result = server(tmp_path, f'location / {{ {PASS} proxy_read_timeout "1m 30s"; }}')
    assert text(result, "nginx:x/", "proxy_read_timeout") == "1m 30s"


def test_an_include_in_a_location_belongs_to_it_and_its_line_is_a_step(tmp_path: Path) -> None:
    files = {
        "nginx.conf": f"events {{}}\nhttp {{\nserver {{\nserver_name x;\nlocation / {{\n{PASS}\n"
        "include snippets/proxy.conf;\n}\n}\n}\n",
        "snippets/proxy.conf": "# shared\nproxy_read_timeout 240;\n",
    }
    result = reading(tmp_path, files)
    assert places(result, "nginx:x/", "proxy_read_timeout") == ["snippets/proxy.conf:2", "nginx.conf:7"]
    assert [one.address for one in result.declarations] == ["nginx:x/"]
    assert set(result.recognised) == set(files)


def test_a_directive_beside_its_server_in_an_included_file_has_one_step(tmp_path: Path) -> None:
    files = {
        "nginx.conf": "events {}\nhttp { include conf.d/*.conf; }",
        "conf.d/a.conf": f"server {{ server_name x;\nlocation / {{ {PASS}\nproxy_read_timeout 5s; }} }}",
    }
    assert places(reading(tmp_path, files), "nginx:x/", "proxy_read_timeout") == ["conf.d/a.conf:3"]


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        pytest.param("proxy_read_timeout 1m 30s;", "1m30s", id="parts-need-quotes-or-no-space"),
        pytest.param("proxy_read_timeout;", "proxy_read_timeout 30s;", id="no-value"),
        pytest.param("proxy_next_upstream_tries two times;", "two", id="words"),
    ],
)
def test_a_wrong_number_of_arguments_is_invalid_and_the_value_stays_unknown(
    tmp_path: Path, written: str, fix: str
) -> None:
    result = server(tmp_path, f"location / {{ {PASS}\n{written} }}")
    problem = only_problem(result, ProblemKind.INVALID)
    assert fix in problem.fix
    assert problem.span.place == "nginx.conf:6"
    assert isinstance(value(result, "nginx:x/", written.split()[0].rstrip(";")), Unresolved)


def test_a_directive_twice_in_one_block_is_invalid_also_through_an_include(tmp_path: Path) -> None:
    files = {
        "nginx.conf": "http { server { server_name x; location / {"
        f"{PASS}\nproxy_read_timeout 5s;\ninclude p.conf; }} }} }}",
        "p.conf": "proxy_read_timeout 240;\n",
    }
    problem = only_problem(reading(tmp_path, files), ProblemKind.INVALID)
    assert (problem.span.place, "written twice" in problem.text) == ("p.conf:1", True)
    assert "nginx.conf:2" in problem.fix


@pytest.mark.parametrize(
    ("body", "name"),
    [
        pytest.param(
            f"location / {{ {PASS} client_header_timeout 5s; }}", "client_header_timeout", id="h-in-l"
        ),
        pytest.param(
            f"location / {{ {PASS} if ($a) {{ proxy_read_timeout 5s; }} }}", "proxy_read_timeout", id="in-if"
        ),
        pytest.param(
            f"location / {{ {PASS} limit_except GET {{ proxy_read_timeout 5s; }} }}",
            "proxy_read_timeout",
            id="in-limit-except",
        ),
        pytest.param(f"proxy_pass http://b; location / {{ {PASS} }}", "proxy_pass", id="pass-in-server"),
    ],
)
def test_what_nginx_does_not_allow_in_a_block_is_invalid_and_has_no_effect(
    tmp_path: Path, body: str, name: str
) -> None:
    result = server(tmp_path, body)
    problem = only_problem(result, ProblemKind.INVALID)
    assert f"`{name}` is not allowed directly in" in problem.text
    assert declared(result, "nginx:x/").setting(name) is None


def test_legal_directives_of_an_upstream_are_not_taken_for_misplaced(tmp_path: Path) -> None:
    result = site(
        tmp_path,
        "upstream u { server 10.0.0.1; keepalive 4 local; keepalive_timeout 5s; resolver_timeout 3s; }"
        "server { server_name x; location / { proxy_pass http://u; } }",
    )
    assert not result.problems
    assert text(result, "nginx:x/", "upstream.keepalive") == "4"
    assert text(result, "nginx:x/", "upstream.keepalive_timeout") == "5s"


def test_lists_written_in_several_statements_add_up(tmp_path: Path) -> None:
    result = server(
        tmp_path, f"location / {{ {PASS} proxy_next_upstream error; proxy_next_upstream timeout; }}"
    )
    assert text(result, "nginx:x/", "proxy_next_upstream") == "error timeout"
    assert not result.problems


def test_groups_that_differ_make_the_keepalive_one_of_their_values(tmp_path: Path) -> None:
    result = site(
        tmp_path,
        "upstream a { server 10.0.0.1; keepalive_timeout 5s; }"
        "upstream b { server 10.0.0.2; keepalive_timeout 9s; }"
        "map $x $u { default a; b b; } server { server_name x; location / { proxy_pass http://$u; } }",
    )
    found = value(result, "nginx:x/", "upstream.keepalive_timeout")
    assert isinstance(found, OneOf)
    assert found.values == ("5s", "9s")
