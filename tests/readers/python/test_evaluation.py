"""What expressions of Python source come to, without running any of it."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.model.settings import Known, OneOf, Unresolved
from budgetcheck.readers.python import attributes, calls, names
from budgetcheck.readers.python.clients import LIBRARIES
from budgetcheck.readers.python.environment import Environment
from budgetcheck.readers.python.evaluation import Evaluator
from budgetcheck.readers.python.modules import Project
from budgetcheck.readers.python.scopes import Class, Object, Scope, Value
from budgetcheck.readers.python.values import Instance, Made, Plain
from budgetcheck.tree import SourceFile, Tree


def evaluator(folder: Path, files: dict[str, str]) -> Evaluator:
    """Files of a project below the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    tree = Tree(root=folder.resolve(), base=folder.resolve())
    found = [SourceFile(name=name, path=tree.base / name) for name in files]
    project = Project(tree, [file for file in found if file.suffix == ".py"])
    return Evaluator(project, LIBRARIES, Environment.of(found, tree))


def value(folder: Path, files: dict[str, str], name: str = "x", file: str = "main.py") -> Value | None:
    """The value of a module's variable."""
    looking = evaluator(folder, files)
    module = looking.project.module(file)
    assert module is not None
    return names.of_module(looking, name, module)


def shown(found: Value | None) -> object:
    """The plain value, a tuple of possible ones, or why it is not known."""
    assert isinstance(found, Plain), found
    match found.value:
        case Known(value=known):
            return known
        case OneOf(values=values):
            return values
        case Unresolved(reason=reason):
            return reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("x = 20.0", 20.0, id="literal"),
        pytest.param("x = 3 * 60", 180, id="arithmetic"),
        pytest.param("M = 1000\nx = 60 * M", 60_000, id="constant"),
        pytest.param("x = -5", -5, id="sign"),
        pytest.param("x = int('30')", 30, id="conversion"),
        pytest.param("x = max(5, 10)", 10, id="built-in"),
        pytest.param("T = None\nx = T or 30", 30, id="none or a number"),
        pytest.param("import os\nx = int(os.getenv('T', '30'))", 30, id="environment with default"),
        pytest.param("import os\nx = float(os.environ.get('T') or 30)", 30.0, id="environment or a number"),
        pytest.param("from os import environ\nx = int(environ['SET'])", 45, id="set in .env"),
        pytest.param("import os\nx = int(os.getenv('SET', '30'))", 45, id=".env goes before the default"),
        pytest.param("A, B = (5, 20)\nx = B", 20, id="unpacked"),
        pytest.param("O = {'timeout': 7}\nx = O['timeout']", 7, id="dictionary"),
        pytest.param("O = {'timeout': 7}\nx = O.get('other', 9)", 9, id="dictionary with default"),
        pytest.param(
            "from datetime import timedelta\nx = timedelta(minutes=1, seconds=30).total_seconds()",
            90,
            id="timedelta",
        ),
        pytest.param("class S:\n    T = 8\nx = S.T", 8, id="class variable"),
        pytest.param("class S:\n    T = 8\nx = S().T", 8, id="class variable of an object"),
        pytest.param(
            "class C:\n    def __init__(self, t=600):\n        self.t = t\nx = C(t=20).t",
            20,
            id="constructor",
        ),
        pytest.param(
            "class C:\n    def __init__(self, t=600):\n        self.t = t\nx = C(12).t", 12, id="position"
        ),
        pytest.param("def f(n):\n    return n * 2\nx = f(4)", 8, id="function"),
        pytest.param("x = 5 if DEBUG else 60", (5, 60), id="condition nobody can decide"),
        pytest.param("if y:\n    x = 1\nelse:\n    x = 2", (1, 2), id="branches"),
        pytest.param("x = 1\nx = 2", 2, id="the last assignment holds"),
        pytest.param("try:\n    import a\n    x = 1\nexcept ImportError:\n    x = 2", (1, 2), id="try"),
        pytest.param(
            "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    t: int = 30\nx = S().t",
            30,
            id="settings class",
        ),
        pytest.param(
            "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    set: int = 30\nx = S().set",
            45,
            id="settings class, set in .env",
        ),
        pytest.param(
            "from pydantic_settings import BaseSettings, SettingsConfigDict\nclass S(BaseSettings):\n"
            "    model_config = SettingsConfigDict(env_prefix='APP_')\n    t: float = 30\nx = S().t",
            2.5,
            id="settings class with a prefix",
        ),
        pytest.param(
            "from pydantic import Field\nfrom pydantic_settings import BaseSettings\nclass S(BaseSettings):\n"
            "    t: int = Field(default=30, alias='SET')\nx = S().t",
            45,
            id="settings class with an alias",
        ),
        pytest.param(
            "from dataclasses import dataclass, field\n@dataclass\nclass S:\n    t: int = field(default=9)\nx = S().t",
            9,
            id="dataclass",
        ),
        pytest.param(
            "from dataclasses import dataclass\n@dataclass\nclass S:\n    t: int = 9\nx = S(t=4).t",
            4,
            id="dataclass, given",
        ),
    ],
)
def test_value_of_a_variable(text: str, expected: object, tmp_path: Path) -> None:
    files = {
        "main.py": text,
        ".env": "SET=45\nAPP_T=2.5\nOPENAI_API_KEY=sk-abcdefghijklmnopqrstuvwxyz0123456789\n",
    }
    assert shown(value(tmp_path, files)) == expected


def test_several_assignments_and_a_use_between_them(tmp_path: Path) -> None:
    """In straight code the last assignment before the use counts."""
    text = "def f():\n    t = 5\n    r = t\n    t = 60\n    return r\nx = f()"
    assert shown(value(tmp_path, {"main.py": text})) == 5


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("import os\nx = int(os.environ['T'])", "nothing here sets T", id="variable nobody sets"),
        pytest.param("import os\nx = os.environ['OPENAI_API_KEY']", "may be a secret", id="secret"),
        pytest.param("t = 1\nfor i in y:\n    t += 1\nx = t * 2", "changes while", id="counted up"),
        pytest.param("x = 2 ** 10_000", "no value", id="too large"),
        pytest.param("x = 1 / 0", "no value", id="an error"),
        pytest.param(
            "def f(t):\n    return t * 2\nx = f(y)", "what the caller gives is not known", id="argument"
        ),
    ],
)
def test_what_is_not_known_says_why(text: str, why: str, tmp_path: Path) -> None:
    files = {"main.py": text, ".env": "OPENAI_API_KEY=sk-abcdefghijklmnopqrstuvwxyz0123456789\n"}
    assert why in str(shown(value(tmp_path, files)))


IMPORTS = {
    "services/api/app/__init__.py": "from .config import settings\n",
    "services/api/app/config.py": "class S:\n    t = 33\nsettings = S()\n",
    "services/other/app/__init__.py": "",
    "services/other/app/config.py": "class S:\n    t = 99\nsettings = S()\n",
    "services/api/app/star.py": "from .config import *\n",
}


@pytest.mark.parametrize(
    "line",
    [
        "from app.config import settings\nx = settings.t",
        "from app import settings\nx = settings.t",
        "from app import config\nx = config.settings.t",
        "import app.config\nx = app.config.settings.t",
        "import app.config as c\nx = c.settings.t",
        "from .config import settings as s\nx = s.t",
        "from . import config\nx = config.settings.t",
        "from app.star import settings\nx = settings.t",
        "def f():\n    from app.config import settings\n    return settings\nx = f().t",
    ],
)
def test_import_means_the_module_nearest_to_the_importer(line: str, tmp_path: Path) -> None:
    """Two services of one repository each have a package of the same name."""
    found = value(tmp_path, {**IMPORTS, "services/api/app/main.py": line}, file="services/api/app/main.py")
    assert shown(found) == 33


def test_module_that_is_called_like_a_library_is_not_the_library(tmp_path: Path) -> None:
    files = {
        "app/__init__.py": "",
        "app/openai.py": "from openai import OpenAI\nclient = OpenAI(timeout=20)\n",
        "app/main.py": "from app.openai import client as x\n",
    }
    found = value(tmp_path, files, file="app/main.py")
    assert isinstance(found, Instance)
    assert found.maker == "openai.OpenAI"


CLIENT = "from openai import AsyncOpenAI\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x = AsyncOpenAI(timeout=20)", id="module"),
        pytest.param("def make():\n    return AsyncOpenAI(timeout=20)\nx = make()", id="factory"),
        pytest.param("x = None\ndef start():\n    global x\n    x = AsyncOpenAI(timeout=20)", id="global"),
        pytest.param(
            "class C:\n    def __init__(self):\n        self.c = AsyncOpenAI(timeout=20)\nx = C().c",
            id="self",
        ),
        pytest.param(
            "class C:\n    def __init__(self):\n        self.c = None\n    async def start(self):\n"
            "        self.c = AsyncOpenAI(timeout=20)\nx = C().c",
            id="self, set later",
        ),
        pytest.param(
            "class B:\n    def __init__(self, t):\n        self.c = AsyncOpenAI(timeout=t)\n"
            "class C(B):\n    pass\nx = C(20).c",
            id="base class",
        ),
        pytest.param(
            "class C:\n    @property\n    def c(self):\n        return AsyncOpenAI(timeout=20)\nx = C().c",
            id="property",
        ),
        pytest.param("O = {'timeout': 20}\nx = AsyncOpenAI(**O)", id="unpacked options"),
        pytest.param("import openai\nx = openai.AsyncOpenAI(timeout=20)", id="module alias"),
        pytest.param(
            "from contextlib import asynccontextmanager\n@asynccontextmanager\nasync def c():\n"
            "    yield AsyncOpenAI(timeout=20)\nasync def f():\n    async with c() as y:\n        return y\nx = f()",
            id="context manager",
        ),
    ],
)
def test_client_is_found_where_it_is_made(text: str, tmp_path: Path) -> None:
    found = value(tmp_path, {"main.py": CLIENT + text})
    assert isinstance(found, Instance)
    assert [(one.name, one.value) for one in found.settings] == [("timeout", Known(value=20))]


def test_provenance_leads_from_the_use_to_the_literal(tmp_path: Path) -> None:
    files = {
        "config.py": "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    t: int = 30\ns = S()\n",
        "main.py": "from openai import OpenAI\nfrom config import s\nx = OpenAI(timeout=s.t)\n",
    }
    found = value(tmp_path, files)
    assert isinstance(found, Instance)
    assert [span.place for span in found.settings[0].spans] == ["main.py:3", "config.py:3"]


@given(st.recursive(
    st.integers(0, 20).map(str) | st.floats(0, 9, allow_nan=False).map(lambda x: f"{x:.2f}"),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
    max_leaves=8,
))  # fmt: skip
def test_arithmetic_agrees_with_python(expression: str) -> None:
    """Random trees of numbers; an error in Python is not known here."""
    module = ast.parse(f"x = {expression}")
    looking = Evaluator(Project(Tree(root=Path("/"), base=Path("/")), []), (), Environment())
    from budgetcheck.readers.python.modules import Module

    one = Module(name="m.py", package="", tree=module, text="", lines=())
    found = shown(names.of_module(looking, "x", one))
    try:
        expected: object = eval(expression)
    except ZeroDivisionError:
        assert isinstance(found, str)
        return
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x = " + "(" * 5_000 + ")" * 5_000, id="parentheses"),
        pytest.param("x = " + "-" * 20_000 + "1", id="signs"),
        pytest.param("x = " + "+".join(["1"] * 5_000), id="a long sum"),
        pytest.param("x = y\ny = x", id="a circle"),
        pytest.param("def f():\n    return f()\nx = f()", id="a function that calls itself"),
        pytest.param("class A(A):\n    pass\nx = A().y", id="a class that is its own base"),
        pytest.param("from main import x", id="a module that imports itself"),
        pytest.param("x = '\\ud800'", id="half a character"),
        pytest.param("\x00", id="no text"),
        pytest.param("x = 10**10**10**10", id="a tower"),
        pytest.param("x = 'a' * 10**12", id="a long text"),
    ],
)
def test_hostile_text_ends_without_a_value(text: str, tmp_path: Path) -> None:
    looking = evaluator(tmp_path, {"main.py": text})
    module = looking.project.module("main.py")
    if module is not None:
        found = names.of_module(looking, "x", module)
        assert found is None or not isinstance(found, Made)


def test_a_builder_is_not_gone_through_in_every_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty methods set an attribute from what it was: what it is in each is worked out in turn, not anew."""
    setter = "    def set{n}(self):\n        self.query = self.query.set(combine(self.query, {n}))\n\n"
    text = "class Builder:\n    def __init__(self, query=None):\n        self.query = query\n\n"
    text += "".join(setter.format(n=n) for n in range(40))
    text += "def combine(query, n):\n    return other(query) if n else query\n"
    looking = evaluator(tmp_path, {"main.py": text})
    module = looking.project.module("main.py")
    assert module is not None
    klass = names.of_module(looking, "Builder", module)
    assert isinstance(klass, Class)
    looked: list[str] = []
    last = attributes._last
    monkeypatch.setattr(attributes, "_last", lambda *given: looked.append("") or last(*given))
    for method in klass.node.body:
        for made in (node for node in ast.walk(method) if isinstance(node, ast.Call)):
            looking.evaluate(made, Scope(module, method, klass, Object(klass)))
    assert len(looked) < 200


CHAIN = "from httpx import Client\n" + "".join(f"def f{n}(): return f{n + 1}()\n" for n in range(60))
CHAIN += "def f60(): return Client(timeout=20)\n"


def test_what_went_too_deep_is_not_gone_through_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty variables are given what sixty functions pass on: that is followed as far as it is, once."""
    text = CHAIN + "".join(f"x{n} = f0()\n" for n in range(30))
    looking = evaluator(tmp_path, {"main.py": text})
    module = looking.project.module("main.py")
    assert module is not None
    looked: list[str] = []
    result = calls.result
    monkeypatch.setattr(calls, "result", lambda *given: looked.append("") or result(*given))
    for number in range(30):
        assert not isinstance(names.of_module(looking, f"x{number}", module), Instance)
    assert len(looked) < 100


def test_what_went_too_deep_is_followed_further_from_nearer(tmp_path: Path) -> None:
    """The end of the chain is out of reach from its beginning, and in reach from its middle."""
    looking = evaluator(tmp_path, {"main.py": f"{CHAIN}far = f0()\nnear = f50()\n"})
    module = looking.project.module("main.py")
    assert module is not None
    assert not isinstance(names.of_module(looking, "far", module), Instance)
    assert isinstance(names.of_module(looking, "near", module), Instance)


def test_what_a_method_makes_where_there_is_none(tmp_path: Path) -> None:
    """`self.client = self.client or Client()`: what it was is what `__init__` said, and that may be None."""
    text = "from httpx import Client\nclass Gateway:\n"
    text += "    def __init__(self, client=None):\n        self.client = client\n"
    text += "    def connect(self):\n        self.client = self.client or Client(timeout=7)\n"
    assert isinstance(value(tmp_path, {"main.py": f"{text}x = Gateway().client\n"}), Instance)
