"""Platforms of Procfiles: which files say where an application runs, and what stands before its process."""

from pathlib import Path

import pytest
from process_files import read_files

WEB = {"Procfile": "web: gunicorn a:a --timeout 120\nclock: gunicorn b:b\n"}
MANIFEST = """\
build: {docker: {web: Dockerfile}}
run:
  web: gunicorn a:a -t 90
  worker: {command: "celery -A a worker", image: web}
"""


def routers(
    folder: Path, files: dict[str, str], component: str = "heroku-router"
) -> list[tuple[str, list[str]]]:
    found = read_files(folder, files).declarations
    return [
        (one.span.place, [target.address for target in one.targets])
        for one in found
        if one.component == component
    ]


@pytest.mark.parametrize(
    ("beside", "there"),
    [
        pytest.param({"app.json": '{"buildpacks": [{"url": "heroku/python"}]}'}, True, id="buildpacks"),
        pytest.param({"app.json": '{"addons": ["heroku-redis"]}'}, True, id="addons"),
        pytest.param({".slugignore": "*.psd\n"}, True, id="what is left out of a slug"),
        pytest.param({"requirements.txt": "django\ndjango-heroku==0.3.1\n"}, True, id="its package"),
        pytest.param({"requirements.txt": "# django-heroku is gone\n"}, False, id="a comment"),
        pytest.param({"app.json": '{"expo": {"name": "shop"}}'}, False, id="a manifest of Expo"),
        pytest.param({"app.json": '["addons"]'}, False, id="no object"),
        pytest.param({"app.json": "{" * 20_000}, False, id="deep"),
        pytest.param({}, False, id="a Procfile alone: others read it too"),
    ],
)
def test_what_says_that_it_is_heroku(beside: dict[str, str], there: bool, tmp_path: Path) -> None:
    expected = [("Procfile:1", ["procfile:Procfile:web"])] if there else []
    assert routers(tmp_path, {**WEB, **beside}) == expected


def test_its_manifest_starts_processes_itself(tmp_path: Path) -> None:
    assert routers(tmp_path, {"heroku.yml": MANIFEST}) == [("heroku.yml:3", ["procfile:heroku.yml:web"])]


@pytest.mark.parametrize("text", ["run: [web]\n", "run:\n", "- run\n", "run: {web: {image: web}}\n", "{"])
def test_manifests_that_start_nothing(text: str, tmp_path: Path) -> None:
    assert routers(tmp_path, {"heroku.yml": text}) == []


def test_an_application_in_a_folder_has_its_own_files(tmp_path: Path) -> None:
    files = {"shop/Procfile": WEB["Procfile"], "app.json": '{"addons": []}'}
    assert routers(tmp_path, files) == []


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"scalingo.json": "{}", **WEB}, id="its manifest"),
        pytest.param({"Procfile": WEB["Procfile"] + "postdeploy: bin/migrate\n"}, id="its process"),
    ],
)
def test_scalingo_reads_files_of_heroku_as_well(files: dict[str, str], tmp_path: Path) -> None:
    files = {**files, ".slugignore": "*.psd\n"}
    assert routers(tmp_path, files, "scalingo-router") == [("Procfile:1", ["procfile:Procfile:web"])]
    assert routers(tmp_path, files) == []
