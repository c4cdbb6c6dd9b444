"""Which application object a server loads: what its command line or its configuration says."""

from pathlib import Path

import pytest
from process_files import one, read_files, servers

COMMANDS = {
    "gunicorn": ("gunicorn app.main:app -k uvicorn_worker.UvicornWorker", "app.main:app"),
    "options before it": ("gunicorn -b 0.0.0.0:8000 -k gthread --timeout 60 app.main:app", "app.main:app"),
    "the usual name": ("gunicorn -w 4 shop.wsgi", "shop.wsgi:application"),
    "a factory with arguments": ("gunicorn 'shop:create_app()'", "shop:create_app"),
    "an address that looks like one": (
        "gunicorn -b localhost:app shop.wsgi:application",
        "shop.wsgi:application",
    ),
    "a socket is none": ("gunicorn --bind unix:run.sock shop.wsgi:application", "shop.wsgi:application"),
    "nothing named": ("gunicorn -w 4", ""),
    "uvicorn": ("uvicorn app.main:app --host 0.0.0.0 --port 80", "app.main:app"),
    "a factory of uvicorn": ("uvicorn --factory app.main:create_app", "app.main:create_app"),
    "through poetry": ("poetry run uvicorn app:api", "app:api"),
    "as a module": ("python -m uvicorn app.main:app", "app.main:app"),
    "hypercorn": ("hypercorn -b 0.0.0.0:80 app.main:app", "app.main:app"),
    "granian": ("granian --interface asgi app.main:app", "app.main:app"),
    "waitress": ("waitress-serve --port=80 --call shop:create_app", "shop:create_app"),
    "daphne": ("daphne -b 0.0.0.0 site.asgi:application", "site.asgi:application"),
    "uwsgi by module": ("uwsgi --http :80 --module shop.wsgi", "shop.wsgi:application"),
    "uwsgi by module and callable": ("uwsgi -w shop:app", "shop:app"),
    "uwsgi by file": ("uwsgi --wsgi-file shop/wsgi.py --callable app", "shop/wsgi.py:app"),
    "flask by option": ("flask --app shop run", "shop:app"),
    "fastapi by file": ("fastapi run app/main.py --port 80", "app/main.py:app"),
}


@pytest.mark.parametrize(
    ("command", "expected"), [pytest.param(*case, id=name) for name, case in COMMANDS.items()]
)
def test_what_a_command_loads(command: str, expected: str) -> None:
    assert dict(one(command).traits).get("application", "") == expected


def test_flask_by_variable() -> None:
    assert (
        dict(one("flask run", FLASK_APP="shop.web:create_app").traits)["application"] == "shop.web:create_app"
    )


PLACES = {
    "below the working directory": ("CMD gunicorn app.main:app", {"app/main.py": ""}, "app/main.py:app"),
    "a package": ("CMD gunicorn app:app", {"app/__init__.py": ""}, "app/__init__.py:app"),
    "another folder by an option": (
        "CMD gunicorn --chdir back main:app",
        {"back/main.py": ""},
        "back/main.py:app",
    ),
    "another folder of uvicorn": (
        "CMD uvicorn --app-dir back main:app",
        {"back/main.py": ""},
        "back/main.py:app",
    ),
    "by PYTHONPATH": (
        "ENV PYTHONPATH=/app/lib\nCMD uvicorn main:app",
        {"lib/main.py": ""},
        "lib/main.py:app",
    ),
    "in gunicorn's configuration": (
        "CMD gunicorn -c gunicorn.conf.py",
        {"gunicorn.conf.py": "wsgi_app = 'app.main:app'\n", "app/main.py": ""},
        "app/main.py:app",
    ),
    "in an ini file of uWSGI": (
        "CMD uwsgi --ini uwsgi.ini",
        {"uwsgi.ini": "[uwsgi]\nhttp = :80\nmodule = shop.wsgi:app\n", "shop/wsgi.py": ""},
        "shop/wsgi.py:app",
    ),
    "not among these files": ("CMD gunicorn app.main:app", {}, "app.main:app"),
}


@pytest.mark.parametrize(
    ("command", "files", "expected"), [pytest.param(*case, id=name) for name, case in PLACES.items()]
)
def test_where_it_is(command: str, files: dict[str, str], expected: str, tmp_path: Path) -> None:
    dockerfile = f"FROM python:3.12\nWORKDIR /app\nCOPY . .\n{command}\n"
    reading = read_files(tmp_path, {"Dockerfile": dockerfile, **files})
    (server,) = servers(reading).values()
    assert server.trait("application") == expected


def test_alternatives_that_load_different_applications_keep_their_kind() -> None:
    server = one('if [ "$X" ]; then exec gunicorn -b :80 a:app; else exec gunicorn -b :80 b:app; fi')
    assert server.component == "gunicorn"
    assert "application" not in dict(server.traits)
