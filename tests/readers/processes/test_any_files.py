"""Whatever the files hold, the reader answers, in bounded time, and opens nothing outside the root."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from process_files import read_files, servers

NAMES = (
    "Dockerfile",
    "compose.yaml",
    "Procfile",
    "a.service",
    "supervisord.conf",
    "start.sh",
    "gunicorn.conf.py",
    "config/puma.rb",
    "unicorn.rb",
    "php-fpm.d/www.conf",
    "deploy.sh",
    "Makefile",
    "cloudbuild.yaml",
    ".gitlab-ci.yml",
    ".github/workflows/deploy.yml",
    "package.json",
)
WORDS = """FROM AS CMD ENTRYPOINT ENV ARG COPY EXPOSE [ ] { } : - , " ' \\ \n $ ${ } := gunicorn -t 60 a:a x=1
services web image build command environment env_file extends volumes ports [Service] ExecStart= [program:a]
command= environment= %(ENV_X)s timeout = int( os.environ[ ) 'T' if else for in \0 ../.. /etc/passwd <<E &a *a
<<: | > # web: . / ~ \x85 é puma persistent_timeout ENV.fetch( do end if unless #{ [www] pm = dynamic
request_terminate_timeout listen celery worker --time-limit index.js server.keepAliveTimeout process.env.X
|| gcloud run deploy --timeout steps: args: entrypoint: run: uses: with: ${{ }} $( scripts \t"""
PIECES = st.sampled_from([*WORDS.split(), "\n", "\n  ", "\t"])


@given(st.sampled_from(NAMES), st.lists(PIECES, max_size=30))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_answered(tmp_path: Path, name: str, pieces: list[str]) -> None:
    text = " ".join(pieces)
    files = {"Dockerfile": "FROM node\nCMD npm start\nEXPOSE 1\n", "index.js": text, name: text}
    for declaration in read_files(tmp_path, files).declarations:
        assert declaration.address


OUTSIDE = {
    "build context": "build: ../secret",
    "Dockerfile": "build: {context: ., dockerfile: ../secret/Dockerfile}",
    "environment file": "{image: x, env_file: ../secret/t.env, command: sh -c 'gunicorn -t $$T a:a'}",
    "mount": "{image: x, volumes: ['../secret:/app'], working_dir: /app, command: gunicorn a:a}",
    "absolute mount": "{image: x, volumes: ['SECRET:/app'], working_dir: /app, command: gunicorn a:a}",
    "extended file": "{extends: {file: ../secret/compose.yaml, service: web}}",
}


@pytest.mark.parametrize("service", OUTSIDE.values(), ids=list(OUTSIDE))
def test_nothing_outside_the_root_is_opened(tmp_path: Path, service: str) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "Dockerfile").write_text("FROM x\nCMD gunicorn -t 7777 a:a\n")
    (secret / "t.env").write_text("T=7777\n")
    (secret / "gunicorn.conf.py").write_text("timeout = 7777\n")
    (secret / "compose.yaml").write_text("services: {web: {image: x, command: gunicorn -t 7777 a:a}}\n")
    project = tmp_path / "project"
    project.mkdir()
    text = f"services:\n  web: {service if service[0] == '{' else '{' + service + '}'}\n"
    reading = read_files(project, {"compose.yaml": text.replace("SECRET", str(secret))})
    assert "7777" not in repr(servers(reading))


LONG = {
    "open comment": ("index.js", "/*"),
    "open text": ("index.js", "`'"),
    "options": ("index.js", "createServer({"),
    "listening": ("index.js", ".listen("),
    "assignments": ("index.js", "server.timeout = ("),
    "constants": ("index.js", "const a = a || a\n"),
    "imports": ("index.js", "require('./index')\n"),
    "expressions": (".github/workflows/a.yml", "x: gcloud ${{ "),
    "recipes": ("Makefile", "a:\n\tgcloud $(a) \\\n"),
    "calls": ("config/puma.rb", "port ENV.fetch('A', ("),
    "pools": ("www.conf", "[a]\npm = static\nlisten = ${\n"),
}


@pytest.mark.parametrize(("name", "piece"), LONG.values(), ids=list(LONG))
def test_long_texts_take_no_long_time(tmp_path: Path, name: str, piece: str) -> None:
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    read_files(tmp_path, {"Dockerfile": "FROM node\nEXPOSE 1\nCMD node index.js\n", name: text})
    assert time.process_time() - started < 10
