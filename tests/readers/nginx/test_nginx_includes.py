"""Includes: mapped into the repository, never out of it, and bounded whatever the files ask for."""

import os
from pathlib import Path

import pytest
from nginx_files import addresses, inputs, only_problem, reading, text, value, write

from budgetcheck.model.options import NginxOptions
from budgetcheck.model.settings import ProblemKind, Unresolved
from budgetcheck.readers.nginx import read

SERVER = "server { server_name x; location / { proxy_pass http://10.0.0.1; } }"
LIMIT = "proxy_read_timeout 5s;"


def location_with(include: str) -> str:
    inside = f"proxy_pass http://10.0.0.1;\n{include}"
    return f"events {{}}\nhttp {{ server {{ server_name x; location / {{ {inside} }} }} }}"


@pytest.mark.parametrize(
    ("include", "files"),
    [
        pytest.param("include p.conf;", {"deploy/nginx/p.conf": LIMIT}, id="beside-the-main-file"),
        pytest.param(
            "include /etc/nginx/snippets/p.conf;",
            {"deploy/nginx/snippets/p.conf": LIMIT},
            id="container-path",
        ),
        pytest.param(
            "include /config/nginx/p.conf;", {"deploy/nginx/p.conf": LIMIT}, id="another-container-layout"
        ),
        pytest.param(
            "include /srv/app/conf/p.conf;", {"deploy/conf/p.conf": LIMIT}, id="by-its-last-two-parts"
        ),
        pytest.param(
            "include /etc/nginx/p.conf;", {"shared/nginx/p.conf": LIMIT}, id="the-only-input-of-that-name"
        ),
        pytest.param("include /etc/nginx/p.conf;", {"deploy/nginx/p.conf.j2": LIMIT}, id="not-rendered-yet"),
        pytest.param(
            "include /run/web/config/p.conf;",
            {"deploy/nginx/p.conf": LIMIT},
            id="put-elsewhere-with-this-one",
        ),
        pytest.param("include p[!q].conf;", {"deploy/nginx/p1.conf": LIMIT}, id="glob"),
        pytest.param("include ../common/p.conf;", {"deploy/common/p.conf": LIMIT}, id="up-and-down-inside"),
    ],
)
def test_an_include_is_found(tmp_path: Path, include: str, files: dict[str, str]) -> None:
    result = reading(tmp_path, {"deploy/nginx/nginx.conf": location_with(include), **files})
    assert text(result, "nginx:x/", "proxy_read_timeout") == "5s"
    assert not result.problems


def test_the_conf_d_of_a_container_is_the_one_beside_the_main_file(tmp_path: Path) -> None:
    main = "events {}\nhttp { proxy_read_timeout 9s; include /etc/nginx/conf.d/*.conf; }"
    files = {
        "deploy/nginx/nginx.conf": main,
        "deploy/nginx/conf.d/a.conf": SERVER,
        "other/conf.d/b.conf": SERVER,
    }
    result = reading(tmp_path, files)
    inherited = [one for one in result.declarations if one.setting("proxy_read_timeout")]
    assert [one.span.file for one in inherited] == ["deploy/nginx/conf.d/a.conf"]


def test_the_configured_root_comes_first(tmp_path: Path) -> None:
    files = {
        "nginx.conf": location_with("include /etc/nginx/p.conf;"),
        "p.conf": "proxy_read_timeout 1s;",
        "image/etc/nginx/p.conf": "proxy_read_timeout 2s;",
    }
    assert text(reading(tmp_path, files), "nginx:x/", "proxy_read_timeout") == "1s"
    rooted = reading(tmp_path, files, NginxOptions(root="image"))
    assert text(rooted, "nginx:x/", "proxy_read_timeout") == "2s"


def test_globs_are_read_in_the_order_of_names(tmp_path: Path) -> None:
    files = {"nginx.conf": "http { include conf.d/*.conf; }"}
    files |= {f"conf.d/{name}.conf": SERVER.replace("x;", f"{name};") for name in ("b", "a", "10")}
    assert addresses(reading(tmp_path, files)) == ["nginx:10/", "nginx:a/", "nginx:b/"]


def test_templates_of_the_official_image_stand_in_for_conf_d(tmp_path: Path) -> None:
    files = {
        "nginx.conf": "http { proxy_read_timeout 9s; include /etc/nginx/conf.d/*.conf; }",
        "templates/default.conf.template": SERVER,
    }
    assert text(reading(tmp_path, files), "nginx:x/", "proxy_read_timeout") == "9s"


def test_a_server_in_conf_d_inherits_from_the_main_file_that_includes_it(tmp_path: Path) -> None:
    files = {
        "nginx.conf": "http { proxy_read_timeout 9s; include conf.d/*.conf; }",
        "conf.d/a.conf": SERVER,
    }
    together = reading(tmp_path, files)
    assert text(together, "nginx:x/", "proxy_read_timeout") == "9s"
    alone = reading(tmp_path, files, given=("conf.d/a.conf",))
    assert text(alone, "nginx:x/", "proxy_read_timeout") is None


def test_files_of_one_conf_d_without_a_main_file_are_side_by_side(tmp_path: Path) -> None:
    files = {
        "conf.d/app.conf": SERVER.replace("http://10.0.0.1", "http://app"),
        "conf.d/timeouts.conf": "proxy_read_timeout 9s;",
        "conf.d/upstreams.conf": "upstream app { server 10.0.0.7:8000; }",
    }
    result = reading(tmp_path, files)
    assert text(result, "nginx:x/", "proxy_read_timeout") == "9s"
    assert [target.host for target in result.declarations[0].targets] == ["10.0.0.7"]


def test_a_snippet_of_bare_directives_declares_nothing_but_is_recognised(tmp_path: Path) -> None:
    result = reading(tmp_path, {"snippets/proxy.conf": LIMIT})
    assert (result.declarations, result.recognised) == ((), ("snippets/proxy.conf",))


def test_a_group_in_another_fragment_is_found_where_it_is_the_only_one(tmp_path: Path) -> None:
    files = {
        "sites-enabled/a": SERVER.replace("http://10.0.0.1", "http://app"),
        "upstreams/nginx-app.conf": "upstream app { server 10.0.0.7; server 10.0.0.8; }",
    }
    assert reading(tmp_path, files).declarations[0].peers.value == 2
    twice = files | {"other/nginx-app.conf": "upstream app { server 10.0.0.9; }"}
    assert [target.host for target in reading(tmp_path, twice).declarations[0].targets] == ["app"]


@pytest.mark.parametrize("include", ["include missing.conf;", "include /opt/missing.conf;"])
def test_what_a_missing_include_may_set_is_unknown_unless_set_beside_it(tmp_path: Path, include: str) -> None:
    result = reading(tmp_path, {"nginx.conf": location_with(f"proxy_send_timeout 3s; {include}")})
    assert "was not found" in only_problem(result, ProblemKind.UNREADABLE).text
    unseen = value(result, "nginx:x/", "proxy_read_timeout")
    assert isinstance(unseen, Unresolved)
    assert "may set it" in unseen.reason
    assert text(result, "nginx:x/", "proxy_send_timeout") == "3s"


def test_stock_files_that_set_no_limit_and_empty_globs_lack_nothing(tmp_path: Path) -> None:
    stock = (
        "include mime.types; include /etc/nginx/fastcgi_params; include /etc/nginx/modules-enabled/*.conf;"
    )
    result = reading(tmp_path, {"nginx.conf": location_with(stock)})
    assert not result.problems
    assert value(result, "nginx:x/", "proxy_read_timeout") is None


def test_the_same_missing_file_is_one_problem(tmp_path: Path) -> None:
    body = "".join(f"server {{ server_name s{n}; include /x/p.conf; }}\n" for n in range(5))
    problem = only_problem(reading(tmp_path, {"nginx.conf": f"http {{\n{body}}}"}))
    assert "(and in 4 other places)" in problem.text
    assert problem.span.place == "nginx.conf:2"


def test_a_missing_include_of_two_servers_counts_the_other_one(tmp_path: Path) -> None:
    body = "".join(f"server {{ server_name s{n}; include /x/p.conf; }}\n" for n in range(2))
    problem = only_problem(reading(tmp_path, {"nginx.conf": f"http {{\n{body}}}"}))
    assert "(and in 1 other place)" in problem.text


def test_a_folder_that_is_not_here_is_one_problem(tmp_path: Path) -> None:
    """Its files are in another repository: one sentence says so."""
    text = "".join(f"include /site/conf/{name}.conf;\n" for name in "abc") + "include /other/d.conf;\n"
    found = reading(tmp_path, {"nginx.conf": f"http {{\n{text}server {{ listen 80; }}\n}}\n"}).problems
    assert [problem.text for problem in found] == [
        "`include /site/conf/a.conf` and 2 other files in /site/conf were not found in the repository",
        "`include /other/d.conf` was not found in the repository",
    ]


def test_files_of_another_program_in_its_conf_d_are_not_included(tmp_path: Path) -> None:
    """supervisord has a conf.d as well, and the repository keeps both trees."""
    files = {
        "files/nginx/nginx.conf": "http {\n  include /etc/nginx/conf.d/*.conf;\n}\n",
        "files/supervisor/conf.d/cron.conf": "; In the image only\n\n[program:cron]\ncommand = cron -f\n",
    }
    assert not reading(tmp_path, files).problems


def test_two_equally_near_candidates_are_not_guessed_between(tmp_path: Path) -> None:
    files = {
        "main/nginx.conf": location_with("include /etc/nginx/p.conf;"),
        "a/nginx/p.conf": LIMIT,
        "b/nginx/p.conf": LIMIT,
    }
    assert "may be any of several files" in only_problem(reading(tmp_path, files)).text


@pytest.mark.parametrize(
    ("include", "says"),
    [
        pytest.param("include /etc/passwd;", "was not found in the repository", id="absolute"),
        pytest.param("include /run/nginx.conf;", "was not found", id="another-of-its-own-name"),
        pytest.param("include ../../../etc/passwd;", "lies outside the repository", id="up"),
        pytest.param("include ../../../etc/host*;", "lies outside the repository", id="up-with-glob"),
        pytest.param("include sub/../../../etc/passwd;", "lies outside the repository", id="down-and-up"),
        pytest.param("include leak;", "was not found", id="link-that-leaves"),
        pytest.param("include leaks/*;", "", id="glob-through-a-link-that-leaves"),
        pytest.param("include nginx.conf;", "in itself", id="itself"),
        pytest.param("include *.conf;", "in itself", id="itself-by-glob"),
        pytest.param("include a.inc;", "in itself", id="cycle"),
        pytest.param("include pipe;", "is not a regular file", id="fifo"),
        pytest.param("include big.inc;", "is larger than", id="too-large"),
        pytest.param("include a.inc b.inc;", "takes one file name", id="two-names"),
        pytest.param("include folder;", "is not a regular file", id="directory"),
    ],
)
def test_an_include_that_must_not_be_followed_is_a_problem(tmp_path: Path, include: str, says: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.conf").write_text("proxy_read_timeout 666s;")
    base = write(
        tmp_path / "repository",
        {"nginx.conf": location_with(include), "a.inc": "include b.inc;", "b.inc": "include a.inc;"},
    )
    os.mkfifo(base / "pipe")
    (base / "folder").mkdir()
    (base / "leak").symlink_to(outside / "secret.conf")
    (base / "leaks").symlink_to(outside)
    with (base / "big.inc").open("wb") as big:
        big.truncate(100 * 1024 * 1024)
    result = reading(base, {"nginx.conf": location_with(include)})
    assert addresses(result) == ["nginx:x/"]
    assert [says in problem.text for problem in result.problems] == ([True] if says else [])
    assert "666" not in repr(result)


def test_a_bomb_of_includes_ends_with_one_problem(tmp_path: Path) -> None:
    files = {"nginx.conf": location_with("include f0.inc;"), "f20.inc": "proxy_set_header a b;"}
    files |= {f"f{n}.inc": f"include f{n + 1}.inc;\ninclude f{n + 1}.inc;\n" for n in range(20)}
    result = reading(tmp_path, files)
    assert "are not followed" in only_problem(result).text
    assert isinstance(value(result, "nginx:x/", "proxy_read_timeout"), Unresolved)


def test_a_chain_of_includes_is_followed_to_a_depth(tmp_path: Path) -> None:
    chain = {f"f{n}.inc": f"include f{n + 1}.inc;" for n in range(60)} | {"f60.inc": LIMIT}
    result = reading(tmp_path, {"nginx.conf": location_with("include f0.inc;"), **chain})
    assert "32 levels" in only_problem(result).text
    short = {"nginx.conf": location_with("include f40.inc;"), **chain}
    assert text(reading(tmp_path / "short", short), "nginx:x/", "proxy_read_timeout") == "5s"


def test_an_input_that_cannot_be_opened_does_not_stop_the_others(tmp_path: Path) -> None:
    sources, context = inputs(tmp_path, {"nginx.conf": f"http {{ {SERVER} }}", "conf.d/b.conf": SERVER})
    (tmp_path / "conf.d/b.conf").unlink()
    result = read(sources, context)
    assert addresses(result) == ["nginx:x/"]
    assert only_problem(result).text == "does not exist"


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbfproxy_read_timeout 9s;\r\n" + SERVER.encode() + b"\r\n"
    result = reading(tmp_path, {"conf.d/a.conf": data})
    assert text(result, "nginx:x/", "proxy_read_timeout") == "9s"
    assert not result.problems


def test_files_of_other_programs_in_conf_d_are_left_alone(tmp_path: Path) -> None:
    files = {
        "conf.d/supervisor.conf": "[program:x]\ncommand=/bin/x\n",
        "conf.d/a.conf": SERVER,
        "conf.d/e.conf": "",
    }
    result = reading(tmp_path, files)
    assert (result.problems, result.recognised) == ((), ("conf.d/a.conf",))


DUMP = f"""nginx: configuration file /etc/nginx/nginx.conf test is successful
# configuration file /etc/nginx/nginx.conf:
http {{
    include /etc/nginx/conf.d/*.conf;
    proxy_read_timeout 9s;
}}

# configuration file /etc/nginx/conf.d/a.conf:
server {{ server_name x;
    location / {{ proxy_pass http://10.0.0.1; include proxy.conf; }} }}
# configuration file /etc/nginx/proxy.conf:
proxy_connect_timeout 2s;
# configuration file /etc/nginx/conf.d/off.disabled:
{SERVER.replace("x;", "never;")}
"""


def test_a_dump_is_read_as_the_configuration_it_holds(tmp_path: Path) -> None:
    result = reading(tmp_path, {"dump.txt": DUMP}, given=("dump.txt",))
    assert addresses(result) == ["nginx:x/"]
    steps = {
        setting.name: [span.place for span in setting.spans] for setting in result.declarations[0].settings
    }
    assert steps == {
        "proxy_read_timeout": ["dump.txt:5"],
        "proxy_connect_timeout": ["dump.txt:12", "dump.txt:10"],
    }
    assert not result.problems
    assert result.recognised == ("dump.txt",)
