"""Where an application of Celery has its settings from, and what a task of its own has besides."""

from pathlib import Path

import pytest

from budgetcheck.model.settings import Declaration, Reading

from .code_files import handlers, read_project, values

BASE = "CELERY_TASK_TIME_LIMIT = 60\nCELERY_BROKER_URL = 'redis://broker/0'\n"
PRODUCTION = "from shop.settings.base import *\nCELERY_TASK_TIME_LIMIT = 600\nCELERY_TASK_ACKS_LATE = True\n"
NAMED = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.{}')\n"
FROM_DJANGO = "app.config_from_object('django.conf:settings', namespace='CELERY')\n"


def application(reading: Reading) -> Declaration:
    (app,) = (one for one in reading.declarations if one.trait("kind") == "app")
    return app


def django(folder: Path, code: str, **more: str) -> Declaration:
    files = {
        "shop/__init__.py": "",
        "shop/settings/__init__.py": "",
        "shop/settings/base.py": BASE,
        "shop/settings/production.py": PRODUCTION,
        "shop/celery.py": code,
    }
    named = {name.replace("__", "/") + ".py": text for name, text in more.items()}
    return application(read_project(folder, files | named))


MADE = "from celery import Celery\napp = Celery('shop')\n"
CHOSEN = {
    "the module that the file itself names": (NAMED.format("production") + MADE + FROM_DJANGO, {}, 600),
    "not the one that the web server names": (
        NAMED.format("production") + MADE + FROM_DJANGO,
        {"shop__wsgi": NAMED.format("base")},
        600,
    ),
    "the one that a server names, where it names none": (
        MADE + FROM_DJANGO,
        {"shop__wsgi": NAMED.format("base")},
        60,
    ),
    "the object": (
        NAMED.format("production")
        + "from django.conf import settings\n"
        + MADE
        + "app.config_from_object(settings, namespace='CELERY')\n",
        {},
        600,
    ),
    "nobody names one: the outermost": (MADE + FROM_DJANGO, {}, 600),
}


@pytest.mark.parametrize(
    ("code", "more", "expected"), [pytest.param(*case, id=name) for name, case in CHOSEN.items()]
)
def test_the_settings_module_of_django(
    code: str, more: dict[str, str], expected: int, tmp_path: Path
) -> None:
    assert values(django(tmp_path, code, **more))["task_time_limit"] == expected


def test_a_container_decides_about_the_settings_module(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DJANGO_SETTINGS_MODULE=shop.settings.production\n", encoding="utf-8")
    assert values(django(tmp_path, NAMED.format("base") + MADE + FROM_DJANGO))["task_time_limit"] == 600


def test_what_a_settings_module_takes_from_another_counts(tmp_path: Path) -> None:
    app = django(tmp_path, NAMED.format("production") + MADE + FROM_DJANGO)
    assert (app.trait("broker"), app.trait("acks_late")) == ("redis", "on")


LOADING = """
class Settings:
    @classmethod
    def load_settings(cls, module_name):
        import sys
        for name, value in vars(cls()).items():
            setattr(sys.modules[module_name], name, value)
"""
CLASSES = {
    "a class method that sets them": (
        (
            "from shop.loading import Settings\n"
            "class Base(Settings):\n    CELERY_TASK_TIME_LIMIT = 3600\n    CELERY_TASK_ACKS_LATE = True\n"
            "class Own(Base):\n    CELERY_TASK_TIME_LIMIT = 1800\n"
            "Own.load_settings(__name__)\n"
        ),
        {},
        1800,
    ),
    "of a base in another module": (
        "from shop.settings.classes import Base\nclass Own(Base):\n    X = 1\nOwn.load_settings(__name__)\n",
        {
            "shop__settings__classes": "from shop.loading import Settings\n"
            "class Base(Settings):\n    CELERY_TASK_TIME_LIMIT = 3600\n"
        },
        3600,
    ),
    "another method with the name of the module": (
        (
            "import logging\n"
            "class Own:\n    CELERY_TASK_TIME_LIMIT = 1800\n"
            "    @classmethod\n    def note(cls, name):\n        print(name)\n"
            "Own.note(__name__)\n"
        ),
        {},
        None,
    ),
    "the class of django-configurations that is chosen": (
        (
            "from configurations import Configuration\n"
            "class Dev(Configuration):\n    CELERY_TASK_TIME_LIMIT = 60\n"
            "class Prod(Dev):\n    CELERY_TASK_TIME_LIMIT = 600\n"
        ),
        {"shop__wsgi": "import os\nos.environ.setdefault('DJANGO_CONFIGURATION', 'Prod')\n"},
        600,
    ),
    "a class of django-configurations that nobody chooses": (
        (
            "from configurations import Configuration\n"
            "class Dev(Configuration):\n    CELERY_TASK_TIME_LIMIT = 60\n"
        ),
        {},
        None,
    ),
}


@pytest.mark.parametrize(
    ("text", "more", "expected"), [pytest.param(*case, id=name) for name, case in CLASSES.items()]
)
def test_settings_that_are_attributes_of_a_class(
    text: str, more: dict[str, str], expected: int | None, tmp_path: Path
) -> None:
    files = {"shop__settings__classy": text, "shop__loading": LOADING, **more}
    app = django(tmp_path, NAMED.format("classy") + MADE + FROM_DJANGO, **files)
    assert values(app).get("task_time_limit") == expected


OBJECTS = {
    "a class by its path": "app.config_from_object('conf:Config')",
    "a class": "from conf import Config\napp.config_from_object(Config)",
    "a subclass": "from conf import Config\nclass Mine(Config):\n    x = 1\napp.config_from_object(Mine)",
    "an object": "from conf import Config\napp.config_from_object(Config())",
    "a module": "import flat\napp.config_from_object(flat)",
    "a module by its path": "app.config_from_object('flat')",
}


@pytest.mark.parametrize("line", [pytest.param(line, id=name) for name, line in OBJECTS.items()])
def test_settings_of_an_object(line: str, tmp_path: Path) -> None:
    files = {
        "conf.py": (
            "class Config:\n    task_time_limit = 60\n"
            "    broker_transport_options = dict(region='eu', visibility_timeout=1800)\n"
        ),
        "flat.py": "task_time_limit = 60\nbroker_transport_options = {'visibility_timeout': 1800}\n",
        "worker.py": f"{MADE}{line}\n",
    }
    assert values(application(read_project(tmp_path, files))) == {
        "task_time_limit": 60,
        "visibility_timeout": 1800,
    }


TASKS = {
    "nothing of its own: the broker is the application's affair": (
        "@app.task",
        {"task_time_limit": 60},
        None,
        "on",
    ),
    "a limit of its own": (
        "@app.task(time_limit=7200)",
        {"time_limit": 7200, "visibility_timeout": 1800},
        "redis",
        "on",
    ),
    "acknowledged as no other": (
        "@app.task(acks_late=False)",
        {"task_time_limit": 60, "visibility_timeout": 1800},
        "redis",
        "off",
    ),
}


@pytest.mark.parametrize(
    ("decorator", "expected", "broker", "late"),
    [pytest.param(*case, id=name) for name, case in TASKS.items()],
)
def test_what_a_task_has_from_its_application(
    decorator: str, expected: dict[str, object], broker: str | None, late: str, tmp_path: Path
) -> None:
    code = (
        "from celery import Celery\napp = Celery('shop', broker='redis://broker')\n"
        "app.conf.update(task_time_limit=60, task_acks_late=True,"
        " broker_transport_options={'visibility_timeout': 1800})\n"
        f"{decorator}\ndef f(): ...\n"
    )
    task = handlers(read_project(tmp_path, {"tasks.py": code}))["tasks.py:f"]
    assert values(task) == expected
    assert (task.trait("broker") or None, task.trait("acks_late")) == (broker, late)
