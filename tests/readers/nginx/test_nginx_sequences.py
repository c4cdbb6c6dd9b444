"""Passes before and after the main one, and locations that are reached through others."""

from pathlib import Path

import pytest
from nginx_files import declared, server

from budgetcheck.model.settings import Reading

PASS = "proxy_pass http://10.0.0.1;"


def after(result: Reading, location: str = "/") -> tuple[str, ...]:
    return declared(result, f"nginx:x{location}").passes_after


def paths(result: Reading, address: str) -> list[str]:
    return [rule.pattern for rule in declared(result, address).front.paths]


def test_auth_request_names_the_pass_that_runs_first(tmp_path: Path) -> None:
    result = server(
        tmp_path,
        f"auth_request /auth; location / {{ {PASS} }} location /open/ {{ auth_request off; {PASS} }}"
        f" location = /auth {{ internal; {PASS} }}",
    )
    assert declared(result, "nginx:x/").passes_before == ("nginx:x/= /auth",)
    assert declared(result, "nginx:x/open/").passes_before == ()
    assert declared(result, "nginx:x/= /auth").passes_before == ()


def test_auth_request_to_a_location_that_passes_nothing_on_costs_nothing(tmp_path: Path) -> None:
    result = server(tmp_path, f"location / {{ auth_request /ok; {PASS} }} location = /ok {{ return 204; }}")
    assert declared(result, "nginx:x/").passes_before == ()


@pytest.mark.parametrize(
    ("page", "reached"),
    [
        pytest.param("error_page 504 = @fb;", True, id="504-is-made-by-nginx"),
        pytest.param("error_page 500 502 503 504 =200 @fb;", True, id="among-others"),
        pytest.param("error_page 504 /fallback/;", True, id="a-path"),
        pytest.param("error_page 502 = @fb;", False, id="502-is-no-silence"),
        pytest.param("error_page 503 = @fb;", False, id="503-is-made-by-the-backend"),
        pytest.param("error_page 503 = @fb; proxy_intercept_errors on;", True, id="unless-it-is-intercepted"),
        pytest.param("error_page 503 = @fb; fastcgi_intercept_errors on;", False, id="of-the-same-family"),
        pytest.param("error_page 404 = @fb;", False, id="not-an-end-of-the-wait"),
        pytest.param("error_page 504 /50x.html;", False, id="a-static-page"),
        pytest.param("error_page 504 https://other.example/;", False, id="a-redirect"),
        pytest.param("error_page 504 $page;", False, id="not-known"),
    ],
)
def test_which_error_pages_lead_to_another_pass(tmp_path: Path, page: str, reached: bool) -> None:
    result = server(
        tmp_path,
        f"location / {{ {PASS} {page} }} location @fb {{ {PASS} }} location /fallback/ {{ {PASS} }}"
        " location = /50x.html { root /srv; }",
    )
    assert bool(after(result)) is reached


def test_500_leads_to_another_pass_where_auth_request_makes_it(tmp_path: Path) -> None:
    body = f"error_page 500 = @fb; location @fb {{ {PASS} }} location = /auth {{ internal; {PASS} }}"
    with_auth = server(tmp_path, f"location / {{ auth_request /auth; {PASS} }} {body}")
    assert after(with_auth) == ("nginx:x/@fb",)
    assert after(server(tmp_path, f"location / {{ {PASS} }} {body}")) == ()


def test_error_pages_are_inherited_as_a_whole(tmp_path: Path) -> None:
    result = server(
        tmp_path,
        f"error_page 504 = @fb; location / {{ {PASS} }} location /own/ {{ {PASS} error_page 404 /x; }}"
        f" location @fb {{ {PASS} }}",
    )
    assert after(result) == ("nginx:x/@fb",)
    assert after(result, "/own/") == ()


def test_a_fallback_has_no_fallback_of_its_own_unless_it_is_allowed(tmp_path: Path) -> None:
    body = f"error_page 504 = @a; location / {{ {PASS} }} location @b {{ {PASS} }}"
    once = server(tmp_path, f"{body} location @a {{ {PASS} error_page 504 = @b; }}")
    assert (after(once), after(once, "/@a")) == (("nginx:x/@a",), ())
    again = server(
        tmp_path, f"recursive_error_pages on; {body} location @a {{ {PASS} error_page 504 = @b; }}"
    )
    assert after(again) == ("nginx:x/@a", "nginx:x/@b")


def test_recursive_error_pages_that_go_in_a_circle_end(tmp_path: Path) -> None:
    result = server(
        tmp_path,
        f"recursive_error_pages on; location / {{ {PASS} error_page 504 = @a; }}"
        f" location @a {{ {PASS} error_page 504 = @b; }} location @b {{ {PASS} error_page 504 = @a; }}",
    )
    assert after(result) == ("nginx:x/@a", "nginx:x/@b")


def test_a_static_error_page_that_only_the_proxied_location_can_answer_is_a_second_pass(
    tmp_path: Path,
) -> None:
    result = server(tmp_path, f"error_page 504 /50x.html; location / {{ {PASS} }}")
    assert after(result) == ("nginx:x/",)


def test_named_and_internal_locations_answer_no_path(tmp_path: Path) -> None:
    result = server(
        tmp_path,
        f"location / {{ {PASS} error_page 504 = @fb; }} location @fb {{ {PASS} }}"
        f" location /files/ {{ internal; {PASS} }}",
    )
    for address in ("nginx:x/@fb", "nginx:x/files/"):
        assert paths(result, address) == []
        assert declared(result, address).trait("internal") == "yes"
    assert declared(result, "nginx:x/").trait("internal") == ""


@pytest.mark.parametrize(
    ("body", "address", "expected"),
    [
        pytest.param(
            f"location / {{ try_files $uri @app; }} location @app {{ {PASS} }}",
            "nginx:x/@app",
            ["/"],
            id="no-such-file",
        ),
        pytest.param(
            "location /a/ { try_files $uri /index.php?$args; }"
            f"location ~ ^/index\\.php$ {{ internal; {PASS} }}",
            "nginx:x/~ ^/index\\.php$",
            ["/a/"],
            id="front-controller",
        ),
        pytest.param(
            f"location /a/ {{ error_page 418 = @app; return 418; }} location @app {{ {PASS} }}",
            "nginx:x/@app",
            ["/a/"],
            id="a-status-as-a-jump",
        ),
        pytest.param(
            f"location /old/ {{ rewrite ^/old/(.*)$ /new/x last; }} location /new/ {{ {PASS} }}",
            "nginx:x/new/",
            ["/new/", "/old/"],
            id="rewritten",
        ),
        pytest.param(
            f"try_files $uri @app; location @app {{ {PASS} }}",
            "nginx:x/@app",
            ["/"],
            id="for-the-whole-server",
        ),
        pytest.param(
            "location /a/ { try_files $uri @b; } location @b { try_files /x @app; }"
            f"location @app {{ {PASS} }}",
            "nginx:x/@app",
            ["/a/"],
            id="in-two-steps",
        ),
        pytest.param(
            f"location /a/ {{ try_files $uri =404; }} location @app {{ {PASS} }}",
            "nginx:x/@app",
            [],
            id="a-status",
        ),
    ],
)
def test_a_location_answers_the_paths_that_are_handed_over_to_it(
    tmp_path: Path, body: str, address: str, expected: list[str]
) -> None:
    result = server(tmp_path, body)
    assert paths(result, address) == expected
    assert declared(result, address).trait("internal") == ("" if expected else "yes")


def test_hand_overs_in_a_circle_end(tmp_path: Path) -> None:
    result = server(
        tmp_path,
        f"location /a {{ try_files $uri /b; }} location /b {{ try_files $uri /a; }} location / {{ {PASS} }}",
    )
    assert paths(result, "nginx:x/") == ["/"]


def test_many_static_locations_that_share_error_pages_are_followed_once(tmp_path: Path) -> None:
    pages = "".join(f"error_page 40{n} /e{n}.html;" for n in (3, 4, 5))
    statics = "".join(f"location = /e{n}.html {{ root /srv; }}" for n in (3, 4, 5))
    body = "".join(f"location /s{n}/ {{ root /srv; }}\n" for n in range(300))
    result = server(tmp_path, f"{pages} {statics} {body} location / {{ {PASS} }}")
    assert paths(result, "nginx:x/") == ["/"]
