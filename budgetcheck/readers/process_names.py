"""Which files start processes, by their names alone."""

import re
from enum import Enum
from pathlib import PurePosixPath


class Kind(Enum):
    """The formats of this reader."""

    COMPOSE = "compose"
    DOCKERFILE = "Dockerfile"
    PROCFILE = "Procfile"
    HEROKU = "Heroku manifest"
    SYSTEMD = "systemd unit"
    SUPERVISORD = "supervisord"
    SCRIPT = "start script"
    GUNICORN = "gunicorn configuration"
    RUBY = "Puma or Unicorn configuration"
    PHP_FPM = "PHP-FPM pool"
    UWSGI = "uWSGI configuration"
    DEPLOYMENT = "deploy commands"


_NAMES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        Kind.COMPOSE,
        re.compile(r"(?:docker-)?compose(?:[._-][\w.-]+)?\.ya?ml|[\w-]+[._-](?:docker-)?compose\.ya?ml"),
    ),
    (
        Kind.DOCKERFILE,
        re.compile(r"(?:docker|container)file(?:[._-](?!dockerignore)[\w-]+)*|[\w.-]+\.dockerfile"),
    ),
    (Kind.PROCFILE, re.compile(r"procfile(?:\.[\w-]+)?")),
    (Kind.HEROKU, re.compile(r"heroku\.ya?ml")),
    (Kind.SYSTEMD, re.compile(r"[\w@.-]+\.service")),
    (Kind.SUPERVISORD, re.compile(r"supervisor(?:d|_?conf)?[\w.-]*\.(?:conf|ini)|supervisord?\.conf\.\w+")),
    (Kind.GUNICORN, re.compile(r"gunicorn[\w.-]*\.py|[\w-]+[._-]gunicorn[._-]conf[\w.-]*\.py")),
    (Kind.RUBY, re.compile(r"(?:puma|unicorn)(?:[._-][\w.-]+)?\.rb")),
    (
        Kind.SCRIPT,
        re.compile(
            r"(?:[\w-]*entry-?_?point|start|run|serve|server|boot|launch|web|gunicorn|uvicorn|docker-cmd|cmd)"
            r"(?:[._-][\w.-]+)?\.(?:sh|bash)|(?:docker-)?entrypoint"
        ),
    ),
    (
        Kind.DEPLOYMENT,
        re.compile(
            r"[\w.-]*(?:deploy|release|rollout|publish|provision|cloud-?_?run|gcloud|gcp|lambda)[\w.-]*\.(?:sh|bash)"
            r"|\.gitlab-ci[\w.-]*\.ya?ml|[\w.-]*cloud-?build[\w.-]*\.ya?ml|bitbucket-pipelines\.ya?ml"
            r"|azure-pipelines[\w.-]*\.ya?ml|(?:gnu)?makefile"
        ),
    ),
)
# Files of these kinds are not what is deployed; they are read when somebody gives them by name.
_ASIDE = frozenset(
    {
        "test",
        "tests",
        "testing",
        "debug",
        "example",
        "examples",
        "sample",
        "samples",
        "template",
        "dist",
        "ci",
        "e2e",
        "cypress",
        "playwright",
        "bench",
        "benchmark",
        "docs",
        "devcontainer",
        "fixture",
        "fixtures",
        "testdata",
        "dummy",  # the application that a Rails engine is tried in: spec/dummy
    }
)
_LOCAL = frozenset({"dev", "development", "develop", "local", "devel", "hotreload", "watch"})


def process_kind(name: str) -> Kind | None:
    """The format that the name of a file says; None for all other files. `name` is in lower case."""
    base = name.rpartition("/")[2]
    return next((kind for kind, pattern in _NAMES if pattern.fullmatch(base)), None)


def is_aside(name: str) -> bool:
    """The file, or a folder it lies in, is named for tests, examples or debugging."""
    return in_aside_folder(name) or bool(_ASIDE & words_of_name(PurePosixPath(name.lower()).name))


def in_aside_folder(name: str) -> bool:
    """A folder the file lies in is named for tests, examples or debugging."""
    folders = {part.strip("._") for part in PurePosixPath(name.lower()).parts[:-1]}
    return bool(_ASIDE & folders)


def is_workflow(name: str) -> bool:
    """A workflow of GitHub Actions."""
    if "workflows" not in name.lower():  # every file is asked, and paths take long to make
        return False
    path = PurePosixPath(name.lower())
    return path.suffix in (".yml", ".yaml") and path.parts[-3:-1] == (".github", "workflows")


def is_local(name: str) -> bool:
    """The file is named for work on one's own machine."""
    return bool(_LOCAL & words_of_name(PurePosixPath(name.lower()).name))


def words_of_name(base: str) -> set[str]:
    """`docker-compose.test.yml` holds `test`."""
    return set(re.split(r"[._-]", base))
