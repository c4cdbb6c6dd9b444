"""Puma, Unicorn and rack-timeout: what their Ruby files say, read line by line."""

from pathlib import Path

import pytest
from process_files import only, path, read_files, servers, values

from budgetcheck.readers.processes.ruby_values import read_ruby, ruby_value
from budgetcheck.readers.processes.texts import literal

PUMA = {"Procfile": "web: bundle exec puma -C config/puma.rb\n"}

LINES = {
    "number": ("persistent_timeout 75", {"persistent_timeout": "75"}),
    "in brackets": ("persistent_timeout(75)", {"persistent_timeout": "75"}),
    "underscores and products": ("persistent_timeout 1_000 * 2", {"persistent_timeout": "2000"}),
    "comment behind it": ("persistent_timeout 75 # more than the balancer", {"persistent_timeout": "75"}),
    "commented out": ("# persistent_timeout 75", {}),
    "fetch with a block": ('persistent_timeout ENV.fetch("T") { 75 }', {"persistent_timeout": "75"}),
    "fetch with a default": ("persistent_timeout ENV.fetch('T', 75).to_i", {"persistent_timeout": "75"}),
    "alternative": ("persistent_timeout Integer(ENV['T'] || 75)", {"persistent_timeout": "75"}),
    "set in the environment": ('persistent_timeout ENV.fetch("SET") { 75 }', {"persistent_timeout": "30"}),
    "nothing sets it": ('persistent_timeout ENV["T"]', {"persistent_timeout": "?"}),
    "a name of the file": ("t = 60 * 2\npersistent_timeout t", {"persistent_timeout": "120"}),
    "worked out": ("persistent_timeout limit_of(:web)", {"persistent_timeout": "?"}),
    "for development": (
        'worker_timeout 3600 if ENV.fetch("RAILS_ENV", "development") == "development"',
        {},
    ),
    "for production": ('worker_timeout 90 if ENV["RAILS_ENV"] == "production"', {"worker_timeout": "90"}),
    "not for development": ("worker_timeout 90 unless Rails.env.development?", {"worker_timeout": "90"}),
    "branches": (
        'if ENV["RAILS_ENV"] == "production"\n  worker_timeout 90\nelse\n  worker_timeout 3600\nend',
        {"worker_timeout": "90"},
    ),
    "another condition": ('worker_timeout 90 if ENV["SLOW"]', {"worker_timeout": "?"}),
    "inside a hook": (
        "on_worker_boot do\n  persistent_timeout 1\nend\nworker_timeout 70",
        {"worker_timeout": "70"},
    ),
    "set by code elsewhere": (
        "GovukPuma.configure_rails(self)\nworker_timeout 70",
        {"persistent_timeout": "?", "worker_timeout": "70"},
    ),
    "the last one counts": ("persistent_timeout 1\npersistent_timeout 2", {"persistent_timeout": "2"}),
}


@pytest.mark.parametrize(("text", "expected"), LINES.values(), ids=list(LINES))
def test_values_of_puma(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    files = {**PUMA, "config/puma.rb": text + "\n", ".env": "SET=30\n"}
    found = only(read_files(tmp_path, files))
    assert (found.component, values(found)) == ("puma", expected)


LISTENING = {
    "default": ("threads 5, 5", ((9292,), ())),
    "port": ('port ENV.fetch("PORT") { 3000 }', ((3000,), ())),
    "tcp": ('bind "tcp://0.0.0.0:#{ENV.fetch("PORT", 3001)}"', ((3001,), ())),
    "socket": ('bind "unix:///run/shop/puma.sock?umask=0111"', ((), ("/run/shop/puma.sock",))),
    "socket in a folder that is worked out": ('bind "unix://#{shared}/puma.sock"', ((), ())),
}


@pytest.mark.parametrize(("text", "places"), LISTENING.values(), ids=list(LISTENING))
def test_where_puma_listens(tmp_path: Path, text: str, places: object) -> None:
    found = only(read_files(tmp_path, {**PUMA, "config/puma.rb": text + "\n"}))
    ports = found.front.ports or (() if found.trait("listens") or found.front.sockets else (9292,))
    assert (ports, found.front.sockets) == places


def test_the_command_line_goes_first(tmp_path: Path) -> None:
    files = {
        "Procfile": "web: puma -p 5000 --persistent-timeout 90\n",
        "config/puma.rb": "port 3000\npersistent_timeout 10\nworker_timeout 70\n",
    }
    found = only(read_files(tmp_path, files))
    assert values(found) == {"persistent_timeout": "90", "worker_timeout": "70"}
    assert found.front.ports == (5000,)


def test_a_configuration_file_that_is_not_here_may_set_anything(tmp_path: Path) -> None:
    found = only(read_files(tmp_path, PUMA))
    assert values(found) == {"persistent_timeout": "?"}


def test_the_version_comes_from_the_lock_file(tmp_path: Path) -> None:
    files = {
        "Procfile": "web: puma\n",
        "Gemfile.lock": "GEM\n  specs:\n    puma (7.1.0)\n      nio4r (~> 2.0)\n",
    }
    assert only(read_files(tmp_path, files)).version == "7.1.0"


IMAGE = "FROM ruby:3.3\nWORKDIR /rails\nCOPY . .\nEXPOSE 80\n"
RAILS = {
    "Dockerfile": IMAGE + 'CMD ["./bin/thrust", "./bin/rails", "server"]\n',
    "config/puma.rb": 'port ENV.fetch("PORT", 3000)\n',
}


class TestRails:
    def test_thruster_listens_for_it(self, tmp_path: Path) -> None:
        found = only(read_files(tmp_path, RAILS))
        assert (found.component, found.front.ports) == ("puma", (80,))

    def test_without_it_the_server_listens_itself(self, tmp_path: Path) -> None:
        files = {**RAILS, "Dockerfile": RAILS["Dockerfile"].replace('"./bin/thrust", ', "")}
        assert only(read_files(tmp_path, files)).front.ports == (3000,)

    def test_another_server_may_stand_behind_it(self, tmp_path: Path) -> None:
        found = only(read_files(tmp_path, {"Procfile": "web: bin/rails server -p 3000\n"}))
        assert (found.component, values(found)) == ("server", {})


class TestUnicorn:
    def test_its_file(self, tmp_path: Path) -> None:
        files = {
            "Procfile": "web: bundle exec unicorn -c config/unicorn.rb -E production\n",
            "config/unicorn.rb": 'timeout Integer(ENV["UNICORN_TIMEOUT"] || 30)\n'
            'listen "/run/shop.sock", backlog: 64\n',
        }
        found = only(read_files(tmp_path, files))
        assert (found.component, values(found)) == ("unicorn", {"timeout": "30"})
        assert found.front.sockets == ("/run/shop.sock",)
        assert path(found, "timeout") == ["config/unicorn.rb:1 timeout"]

    def test_its_file_alone(self, tmp_path: Path) -> None:
        found = only(read_files(tmp_path, {"config/unicorn.rb": "timeout 30\nlisten 8080\n"}))
        assert (found.address, values(found)) == ("unicorn:config/unicorn.rb", {"timeout": "30"})

    @pytest.mark.parametrize("text", ["", "# timeout 30\n", "require 'x'\nclass Puma\nend\n"])
    def test_a_file_that_sets_nothing_is_no_server(self, tmp_path: Path, text: str) -> None:
        assert not servers(read_files(tmp_path, {"lib/unicorn.rb": text}))


GEMS = 'gem "rails", "~> 8.0"\ngem "puma"\n'
RACK = {
    "active by itself in Rails": (GEMS + 'gem "rack-timeout"\n', {}, "", ("on", None)),
    "set in the environment": (
        GEMS + 'gem "rack-timeout"\n',
        {},
        "RACK_TIMEOUT_SERVICE_TIMEOUT=25\n",
        ("on", "25"),
    ),
    "set in an initializer": (
        GEMS + 'gem "rack-timeout"\n',
        {
            "config/initializers/rack_timeout.rb": "Rails.application.config.middleware.insert_before "
            'Rack::Runtime, Rack::Timeout, service_timeout: ENV.fetch("T", 40).to_i\n'
        },
        "RACK_TIMEOUT_SERVICE_TIMEOUT=25\n",
        ("on", "40"),
    ),
    "set in the old way": (
        GEMS + 'gem "rack-timeout"\n',
        {"config/initializers/timeout.rb": "Rack::Timeout.timeout = 20\n"},
        "",
        ("on", "20"),
    ),
    "not put there": (GEMS + 'gem "rack-timeout", require: "rack/timeout/base"\n', {}, "", ("", None)),
    "the variable alone is nothing": (GEMS, {}, "RACK_TIMEOUT_SERVICE_TIMEOUT=25\n", ("", None)),
    "without Rails nobody puts it there": ('gem "rack-timeout"\n', {}, "", ("", None)),
    "commented out": (GEMS + '# gem "rack-timeout"\n', {}, "", ("", None)),
}


@pytest.mark.parametrize(("gems", "more", "env", "expected"), RACK.values(), ids=list(RACK))
def test_rack_timeout(
    tmp_path: Path, gems: str, more: dict[str, str], env: str, expected: tuple[str, str | None]
) -> None:
    files = {"Procfile": "web: puma -p 3000\n", "Gemfile": gems, ".env": env, **more}
    found = only(read_files(tmp_path, files))
    assert (found.trait("rack_timeout"), values(found).get("rack-timeout.service_timeout")) == expected


def test_long_and_odd_lines_are_passed_over() -> None:
    text = "timeout " + "(" * 5_000 + "\ntimeout " + "#{" * 3_000 + "\nif " * 2_000 + "\ntimeout 5\n"
    assert read_ruby(text, "x.rb", {})["timeout"]
    assert ruby_value("ENV['A'] || ENV['B'] || 7", {"B": literal("3")}).known == "3"
