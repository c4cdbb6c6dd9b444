"""Settings classes, environment variables, and settings that frameworks keep."""

from pathlib import Path

import pytest

from .evaluated import places, shown, value

PYDANTIC = "from pydantic import AliasChoices, BaseModel, Field\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\n"
ENV = "SET=45\nAPP_T=2.5\nLLM__T=7\nAPP_LLM__T=8\nWORD=fast\nlower=9\nFLAG=off\nAPI_KEY=short\nURL=https://user:secret@llm.example.com/v1?key=1\nEMPTY=\nBAD=12x\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("class S(BaseSettings):\n    t: int = 30\nx = S().t", 30, id="default"),
        pytest.param("class S(BaseSettings):\n    set: int = 30\nx = S().set", 45, id="set in the environment"),
        pytest.param("class S(BaseSettings):\n    set: int = 30\nx = S(set=3).set", 3, id="given goes first"),
        pytest.param("class S(BaseSettings):\n    t: int\nx = S().t", "? nothing here sets T", id="neither"),
        pytest.param("class S(BaseSettings):\n    t: int = Field(30, ge=1)\nx = S().t", 30, id="field"),
        pytest.param("class S(BaseSettings):\n    t: int = Field(default=30)\nx = S().t", 30, id="field by name"),
        pytest.param("class S(BaseSettings):\n    t: int = Field(default_factory=lambda: 15 * 2)\nx = S().t", 30, id="factory"),
        pytest.param("class S(BaseSettings):\n    t: int = Field(...)\nx = S().t", "? nothing here sets T", id="required"),
        pytest.param("class S(BaseSettings):\n    t: int = Field(30, alias='SET')\nx = S().t", 45, id="alias"),
        pytest.param("class S(BaseSettings):\n    t: int = Field(30, validation_alias=AliasChoices('NO', 'SET'))\nx = S().t", 45, id="several aliases"),
        pytest.param("class S(BaseSettings):\n    t: int = Field(30, env='SET')\nx = S().t", 45, id="first version of pydantic"),
        pytest.param("class S(BaseSettings):\n    class Config:\n        env_prefix = 'APP_'\n    t: float = 30\nx = S().t", 2.5, id="prefix in Config"),
        pytest.param("class S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='APP_')\n    t: float = 30\nx = S().t", 2.5, id="prefix"),
        pytest.param("class S(BaseSettings):\n    model_config = {'env_prefix': 'APP_'}\n    t: float = 30\nx = S().t", 2.5, id="prefix in a dictionary"),
        pytest.param("class S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='APP_')\n    t: int = Field(30, alias='SET')\nx = S().t", 45, id="an alias has no prefix"),
        pytest.param("class L(BaseModel):\n    t: int = 30\nclass S(BaseSettings):\n    model_config = SettingsConfigDict(env_nested_delimiter='__')\n    llm: L = L()\nx = S().llm.t", 7, id="nested"),
        pytest.param("class L(BaseModel):\n    t: int = 30\nclass S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='APP_', env_nested_delimiter='__')\n    llm: L = Field(default_factory=L)\nx = S().llm.t", 8, id="nested with a prefix"),
        pytest.param("class L(BaseModel):\n    t: int = 30\nclass S(BaseSettings):\n    llm: L = L(t=5)\nx = S().llm.t", 5, id="nested without a delimiter"),
        pytest.param("class L(BaseSettings):\n    set: int = 30\nclass S(BaseSettings):\n    llm: L = Field(default_factory=L)\nx = S().llm.set", 45, id="settings in settings"),
        pytest.param("class B(BaseSettings):\n    t: int = 5\nclass S(B):\n    t: int = 6\nx = S().t", 6, id="overridden"),
        pytest.param("class B(BaseSettings):\n    t: int = 5\nclass S(B):\n    u: int = 6\nx = S().t", 5, id="inherited"),
        pytest.param("from typing import Annotated\nclass S(BaseSettings):\n    t: Annotated[int, Field(alias='SET')] = 30\nx = S().t", 45, id="annotated"),
        pytest.param("class S(BaseSettings):\n    flag: bool = True\nx = S().flag", False, id="switch"),
        pytest.param("class S(BaseSettings):\n    t: int | None = None\nx = S().t or 30", 30, id="none by default"),
        pytest.param("class S(BaseSettings):\n    bad: int = 3\nx = S().bad", "? the value of BAD is not kept", id="no number"),
        pytest.param("class S(BaseSettings):\n    api_key: str = ''\nx = S().api_key", "? the value of API_KEY is not kept", id="secret"),
        pytest.param("class S(BaseSettings):\n    u: int = 2\n    @property\n    def t(self):\n        return self.u * 10\nx = S().t", 20, id="property"),
        pytest.param("from functools import lru_cache\nclass S(BaseSettings):\n    t: int = 30\n@lru_cache()\ndef get():\n    return S()\nx = get().t", 30, id="kept function"),
        pytest.param("class S(BaseSettings):\n    t: int = 30\ns = S()\nclass A:\n    def __init__(self, settings: S = s):\n        self.s = settings\nx = A().s.t", 30, id="through an object"),
        pytest.param("class S(BaseSettings):\n    t: int = 30\ndef f(s: S):\n    return s.t\nx = f(elsewhere)", 30, id="by its type"),
        pytest.param("class S(BaseSettings):\n    t: int = 30\nx = S.model_fields", None, id="what pydantic adds"),
        pytest.param("class M(BaseModel):\n    t: int = 30\nx = M(t=5).t", 5, id="model"),
        pytest.param("class M(BaseModel):\n    t: int = 30\nx = M().t", 30, id="model, default"),
        pytest.param("class M(BaseModel):\n    set: int = 30\nx = M().set", 30, id="a model does not read the environment"),
    ],
)  # fmt: skip
def test_pydantic(tmp_path: Path, text: str, expected: object) -> None:
    found = shown(value(tmp_path, {"main.py": PYDANTIC + text, ".env": ENV}))
    if isinstance(expected, str):
        assert str(found).startswith(expected)
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("from dataclasses import dataclass\n@dataclass\nclass D:\n    a: int\n    t: int = 20\nx = D(1).t", 20, id="default"),
        pytest.param("from dataclasses import dataclass\n@dataclass\nclass D:\n    a: int\n    t: int = 20\nx = D(1, 3).t", 3, id="by position"),
        pytest.param("from dataclasses import dataclass, field\n@dataclass(frozen=True)\nclass D:\n    t: int = field(default=20)\nx = D().t", 20, id="field"),
        pytest.param("import dataclasses\n@dataclasses.dataclass\nclass D:\n    t: dict = dataclasses.field(default_factory=lambda: {'a': 20})\nx = D().t['a']", 20, id="factory"),
        pytest.param("from dataclasses import dataclass\n@dataclass\nclass D:\n    t: int = 20\ndef f(d: D):\n    return d.t\nx = f(elsewhere)\ny = D(t=7)", 7, id="made in one place"),
        pytest.param("from dataclasses import dataclass\n@dataclass\nclass D:\n    t: int = 20\ndef f(d: D):\n    return d.t\nx = f(elsewhere)\ny = D(t=7)\nz = D()", (7, 20), id="made in two places"),
        pytest.param("from dataclasses import dataclass\n@dataclass\nclass D:\n    t: int = 20\nx = D(**elsewhere).t", "?", id="made of unknown things"),
        pytest.param("import attr\n@attr.s\nclass D:\n    t = attr.ib(default=20)\nx = D().t", 20, id="attrs"),
        pytest.param("from attrs import define, field\n@define\nclass D:\n    t: int = field(default=20)\nx = D().t", 20, id="attrs, now"),
        pytest.param("from dataclasses import dataclass\nfrom typing import ClassVar\n@dataclass\nclass D:\n    K: ClassVar[int] = 1\n    t: int = 2\nx = D(20).t", 20, id="class variables are no fields"),
    ],
)  # fmt: skip
def test_dataclasses(tmp_path: Path, text: str, expected: object) -> None:
    found = shown(value(tmp_path, text))
    if isinstance(expected, str):
        assert str(found).startswith(expected)
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("import os\nx = os.getenv('T', '30')", "30", id="text"),
        pytest.param("import os\nx = int(os.getenv('T', '30'))", 30, id="default"),
        pytest.param("import os\nx = int(os.getenv('T', 30))", 30, id="default that is a number"),
        pytest.param("import os\nx = int(os.environ.get('SET', '30'))", 45, id="set"),
        pytest.param("from os import environ as e\nx = int(e['SET'])", 45, id="alias"),
        pytest.param("from os import getenv\nx = int(getenv('SET'))", 45, id="name"),
        pytest.param("import os\nx = int(os.environ.setdefault('T', '3'))", 3, id="setdefault"),
        pytest.param("import os\nx = os.getenv('T')", "? nothing here sets T", id="neither"),
        pytest.param("import os\nx = os.getenv('T') or 30", 30, id="or"),
        pytest.param("import os\nx = int(os.getenv('T') or '30')", 30, id="or a text"),
        pytest.param("import os\nx = int(os.getenv('EMPTY') or 30)", 30, id="empty or"),
        pytest.param("import os\nT = os.getenv('T')\nx = int(T) if T else 30", 30, id="conditional"),
        pytest.param("import os\nT = os.getenv('T', None)\nif T is None:\n    T = 30\nx = T", 30, id="none by name"),
        pytest.param("import os\nN = 'SE' + 'T'\nx = int(os.getenv(N))", 45, id="name that is put together"),
        pytest.param("import os\nx = int(os.getenv(elsewhere))", "? the name of the variable", id="unknown name"),
        pytest.param("import os\nx = os.getenv('URL')", "https://llm.example.com", id="address without its secrets"),
        pytest.param("import os\nx = os.getenv('API_KEY')", "? the value of API_KEY is not kept", id="secret"),
        pytest.param("import os\ndef num(n, d):\n    return int(os.getenv(n, d))\nx = num('SET', 3)", 45, id="helper"),
        pytest.param("import os\ndef num(n, d):\n    try:\n        return int(os.environ[n])\n    except KeyError:\n        return d\nx = num('T', 3)", "?", id="helper that catches"),
        pytest.param("import os\ndef num(n, d):\n    if n not in os.environ:\n        return d\n    return int(os.environ[n])\nx = num('T', 3)", 3, id="helper that looks first"),
        pytest.param("import os\ndef num(n, d):\n    if n not in os.environ:\n        return d\n    return int(os.environ[n])\nx = num('SET', 3)", (3, 45), id="helper that looks first, set"),
        pytest.param("from os import environ\nx = int(environ['T']) if 'T' in environ else 3", 3, id="conditional that looks first"),
        pytest.param("import os\nT = 3\nif 'SET' in os.environ:\n    T = int(os.environ['SET'])\nx = T", (45, 3), id="set, and perhaps not everywhere"),
        pytest.param("from decouple import config\nx = config('T', default=30, cast=int)", 30, id="decouple"),
        pytest.param("from decouple import config\nx = config('SET', default=30, cast=int)", 45, id="decouple, set"),
        pytest.param("from environs import Env\nenv = Env()\nx = env.int('T', 30)", 30, id="environs"),
        pytest.param("from environs import Env\nenv = Env()\nx = env.float('SET')", 45, id="environs, set"),
        pytest.param("import environ\nenv = environ.Env(T=(int, 30))\nx = env('T')", 30, id="django-environ"),
        pytest.param("import environ\nenv = environ.Env(T=(int, 30))\nx = env.int('SET', default=3)", 45, id="django-environ, set"),
        pytest.param("from starlette.config import Config\nconfig = Config('.env')\nx = config('SET', cast=int, default=3)", 45, id="Starlette"),
        pytest.param("from starlette.config import Config\nconfig = Config('.env')\nx = config('T', cast=float, default=3.5)", 3.5, id="Starlette, default"),
    ],
)  # fmt: skip
def test_environment(tmp_path: Path, text: str, expected: object) -> None:
    found = shown(value(tmp_path, {"main.py": text, ".env": ENV}))
    if isinstance(expected, str) and expected.startswith("?"):
        assert str(found).startswith(expected)
    else:
        assert found == expected


def test_way_through_the_environment(tmp_path: Path) -> None:
    text = "import os\nT = int(os.getenv('SET', '30'))\nx = T\n"
    found = places(value(tmp_path, {"main.py": text, ".env": ENV}))
    assert found == [
        "main.py:3 T",
        "main.py:2 int(os.getenv('SET', '30'))",
        "main.py:2 os.getenv('SET', '30')",
        ".env:1 SET=45",
    ]


DJANGO = {
    "shop/__init__.py": "",
    "shop/settings/__init__.py": "",
    "shop/settings/base.py": "LLM_TIMEOUT = 30\nOTHER = 1\n",
    "shop/settings/dev.py": "from .base import *\nLLM_TIMEOUT = 600\n",
    "shop/settings/production.py": "from .base import *\nLLM_TIMEOUT = 20\n",
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.dev')\n",
    "shop/views.py": "from django.conf import settings\nx = settings.LLM_TIMEOUT\ny = settings.OTHER\nz = settings.NONE\n",
}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({"shop/wsgi.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.production')\n"}, 20, id="what the server is started with"),
        pytest.param({}, 600, id="what manage.py says"),
        pytest.param({"manage.py": ""}, (600, 20), id="nobody says which"),
    ],
)  # fmt: skip
def test_django(tmp_path: Path, more: dict[str, str], expected: object) -> None:
    files = {**DJANGO, **more}
    assert shown(value(tmp_path, files, file="shop/views.py")) == expected
    assert shown(value(tmp_path, files, "y", "shop/views.py")) == 1
    assert shown(value(tmp_path, files, "z", "shop/views.py")) == "django.conf.settings.NONE"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("app.config['T'] = 20", 20, id="item"),
        pytest.param("app.config.from_object('config.Production')", 30, id="object by its path"),
        pytest.param("from config import Production\napp.config.from_object(Production)", 30, id="object"),
        pytest.param("app.config.from_object('config')", 40, id="module"),
        pytest.param("app.config.from_mapping(T=50)", 50, id="mapping"),
        pytest.param("app.config['T'] = 20\napp.config['T'] = 25", (20, 25), id="twice"),
        pytest.param("app.config['U'] = 20", None, id="not set"),
    ],
)  # fmt: skip
def test_flask(tmp_path: Path, text: str, expected: object) -> None:
    files = {
        "config.py": "T = 40\nclass Production:\n    T = 30\n",
        "factory.py": f"from flask import Flask\napp = Flask('x')\n{text}\n",
        "main.py": "from flask import current_app\nx = current_app.config['T']\ny = current_app.config.get('V', 3)\n",
    }
    assert shown(value(tmp_path, files)) == expected
    assert shown(value(tmp_path, files, "y")) == 3
