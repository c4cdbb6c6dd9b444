"""PHP-FPM: pools, where they listen, and base images that start it without a word."""

from pathlib import Path

import pytest
from process_files import only, path, read_files, servers, values

from budgetcheck.model.settings import Declaration
from budgetcheck.readers.claims import is_nginx, is_php_fpm, is_process
from budgetcheck.tree import SourceFile

POOL = "[www]\nuser = www-data\npm = dynamic\nlisten = {}\n{}\n"
FPM = "FROM php:8.3-fpm-alpine\nWORKDIR /app\n"


def compose(service: str) -> dict[str, str]:
    return {"compose.yaml": f"services:\n  php:\n{service}"}


UNITS = {
    "request_terminate_timeout = 30": {"request_terminate_timeout": "30"},
    "request_terminate_timeout = 5m": {"request_terminate_timeout": "5m"},
    "request_terminate_timeout=0": {"request_terminate_timeout": "0"},
    "request_terminate_timeout = 30s ; as nginx": {"request_terminate_timeout": "30s"},
    ";request_terminate_timeout = 30": {},
    "php_admin_value[max_execution_time] = 30": {},
    "request_slowlog_timeout = 5s": {},
    "request_terminate_timeout = ${LIMIT}": {"request_terminate_timeout": "?"},
    "request_terminate_timeout = {{ limit }}": {"request_terminate_timeout": "?"},
}


@pytest.mark.parametrize(("line", "expected"), UNITS.items(), ids=list(UNITS))
def test_a_pool_alone(tmp_path: Path, line: str, expected: dict[str, str]) -> None:
    found = only(read_files(tmp_path, {"pool.d/www.conf": POOL.format("/run/php.sock", line)}))
    assert (found.component, found.address, values(found)) == ("php-fpm", "php-fpm:pool.d/www.conf", expected)
    assert found.front.sockets == ("/run/php.sock",)


def test_a_pool_is_no_configuration_of_nginx() -> None:
    file = SourceFile(name="conf.d/www.conf", path=Path("/x"), head=POOL.format("9000", ""))
    assert (is_php_fpm(file), is_process(file)) == (True, True)
    other = SourceFile(name="conf.d/www.conf", path=Path("/x"), head="server { listen 80; }")
    assert (is_php_fpm(other), is_nginx(other)) == (False, True)


def test_several_pools_of_one_file(tmp_path: Path) -> None:
    text = "[global]\nprocess_control_timeout = 20s\n" + POOL.format("9000", "request_terminate_timeout = 30")
    text += "[api]\npm = static\nlisten = 127.0.0.1:9001\nrequest_terminate_timeout = 60\n"
    found = servers(read_files(tmp_path, {"php-fpm.conf": text}))
    assert {name: values(one) for name, one in found.items()} == {
        "php-fpm:php-fpm.conf/9000": {"request_terminate_timeout": "30", "process_control_timeout": "20s"},
        "php-fpm:php-fpm.conf/9001": {"request_terminate_timeout": "60", "process_control_timeout": "20s"},
    }


class TestImages:
    def one(self, tmp_path: Path, files: dict[str, str]) -> Declaration:
        found = only(read_files(tmp_path, files))
        assert found.component == "php-fpm"
        return found

    def test_the_official_image_serves_without_a_command(self, tmp_path: Path) -> None:
        found = self.one(tmp_path, {"Dockerfile": FPM})
        assert (values(found), found.front.ports) == ({}, (9000,))

    def test_the_official_image_used_as_it_is(self, tmp_path: Path) -> None:
        found = self.one(tmp_path, compose("    image: php:8.3-fpm\n"))
        assert (found.address, found.front.names, found.front.ports) == ("compose:php", ("php",), (9000,))

    def test_a_pool_that_is_copied(self, tmp_path: Path) -> None:
        files = {
            "Dockerfile": FPM + "COPY docker/zz-shop.conf /usr/local/etc/php-fpm.d/zz-shop.conf\n",
            "docker/zz-shop.conf": POOL.format("9000", "request_terminate_timeout = 30"),
        }
        found = self.one(tmp_path, files)
        assert path(found, "request_terminate_timeout") == [
            "docker/zz-shop.conf:5 request_terminate_timeout = 30"
        ]

    def test_a_folder_of_pools_that_is_copied(self, tmp_path: Path) -> None:
        files = {
            "Dockerfile": FPM + "COPY docker/fpm/ /usr/local/etc/php-fpm.d/\n",
            "docker/fpm/a.conf": POOL.format("9000", "request_terminate_timeout = 10"),
            "docker/fpm/b.conf": "[www]\nrequest_terminate_timeout = 20\n",
        }
        assert values(self.one(tmp_path, files)) == {"request_terminate_timeout": "20"}, "b comes later"

    def test_a_file_without_a_section_goes_on_with_the_pool_before_it(self, tmp_path: Path) -> None:
        files = {
            "Dockerfile": FPM + "COPY docker/x.conf /usr/local/etc/php-fpm.d/\n",
            "docker/x.conf": "pm = dynamic\nlisten = 9001\nrequest_terminate_timeout = 20\n",
        }
        found = self.one(tmp_path, files)
        assert (values(found), found.front.ports) == ({"request_terminate_timeout": "20"}, (9001,))

    def test_a_pool_that_is_mounted(self, tmp_path: Path) -> None:
        files = {
            **compose("    build: .\n    volumes: ['./www.conf:/usr/local/etc/php-fpm.d/www.conf:ro']\n"),
            "Dockerfile": FPM,
            "www.conf": POOL.format("9000", "request_terminate_timeout = 40"),
        }
        assert values(self.one(tmp_path, files)) == {"request_terminate_timeout": "40"}

    def test_another_image_may_have_any_pool(self, tmp_path: Path) -> None:
        files = {"Dockerfile": 'FROM example/php-base\nCMD ["php-fpm", "-F"]\n'}
        assert values(self.one(tmp_path, files)) == {"request_terminate_timeout": "?"}

    @pytest.mark.parametrize("command", ["php artisan queue:work", "php-fpm -t", "crond -f"])
    def test_another_command_serves_nothing(self, tmp_path: Path, command: str) -> None:
        files = {**compose(f"    build: .\n    command: {command}\n"), "Dockerfile": FPM}
        assert "compose:php" not in servers(read_files(tmp_path, files))

    def test_the_command_line_image_is_no_server(self, tmp_path: Path) -> None:
        assert not servers(read_files(tmp_path, {"Dockerfile": "FROM php:8.3-cli\n"}))
