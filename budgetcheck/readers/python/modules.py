"""The project's own modules: found by their import names, parsed only when something is asked of them."""

import ast
import re
import sys
import tokenize
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path, PurePosixPath

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.python.contents import Contents
from budgetcheck.readers.python.deferred import Lines, Parse, defer, outline
from budgetcheck.readers.python.newer import in_older_words
from budgetcheck.tree import SourceFile, Tree, UnreadableFileError

_RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
"""Newer syntax than that of the running Python is not understood."""
_MOST_BYTES = 2_000_000
_DEEPEST = 180
"""Nesting of expressions and blocks beyond which a file is not followed: nobody writes that."""
_SOURCE_FOLDERS = ("src", "lib", "python", "backend", "server", "app")
_OF_APPLICATIONS = ("Dockerfile", "Pipfile", "Procfile", "pyproject.toml", "requirements.txt")
"""Files that stand beside the modules that are started."""
_IMPORT = re.compile(
    rb"^(?:\xef\xbb\xbf)?[ \t\f]*(?:from|import)[ \t]+([^\n#]*)|;[ \t]*import[ \t]+([^\n#]*)", re.MULTILINE
)
_TEST = re.compile(r"(?:.*_)?tests?(?:_.*)?|conftest|mocks?")
_WORD = re.compile(rb"\w+")
_OUTSIDE = sys.stdlib_module_names


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """One file, parsed.

    Attributes:
        name: of the file, as it is printed (`app/llm.py`).
        package: folder of the file, `/` between its parts; empty at the top.
        tree: the syntax tree; functions are parsed again when their body is asked for. `text`: the source,
            `lines` the same by lines.
    """

    name: str
    package: str
    tree: ast.Module
    text: str
    lines: Sequence[str]

    @property
    def is_package(self) -> bool:
        """It is the `__init__.py` of a package."""
        return self.name.endswith("__init__.py")


_NO_PYTHON = "correct it, or run budgetcheck on the version of Python that the file is written for"
_MOST_NAMES = 5


class _UnusableError(Exception):
    """A file that is not followed, and why."""

    def __init__(self, text: str, fix: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(text)
        self.text = text
        self.fix = fix
        self.line = line
        self.column = column


@dataclass(slots=True)
class Project:
    """All Python files of a run; none is parsed before somebody asks for it.

    `problems`: files that were asked for and could not be read.
    """

    tree: Tree
    files: Sequence[SourceFile]
    problems: list[Problem] = field(default_factory=list)
    _by_name: dict[str, SourceFile] = field(default_factory=dict)
    _modules: dict[str, Module | None] = field(default_factory=dict)
    _contents: Contents = field(init=False)
    _endings: dict[str, list[str]] = field(default_factory=dict)
    _folders: set[str] = field(default_factory=set)
    _found: dict[tuple[str, str], str] = field(default_factory=dict)
    _started_in: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._contents = Contents(self.tree, self.files)
        self._by_name = {file.name: file for file in self.files}
        for name, file in self._by_name.items():
            parts = name[: len(name) - len(file.suffix)].split("/")
            dotted = parts[:-1] if parts[-1] == "__init__" else parts
            if dotted:
                self._endings.setdefault(dotted[-1], []).append(name)
            self._folders.update("/".join(parts[:end]) for end in range(1, len(parts)))

    def importing(self, packages: Iterable[str]) -> list[SourceFile]:
        """The files that import one of these packages (`openai`, `google.genai`); nothing is parsed."""
        wanted = [tuple(package.encode().split(b".")) for package in packages]
        firsts = {parts[0] for parts in wanted}
        return [file for file, data in self._contents.each() if _imports(data, firsts, wanted)]

    def mentioning(self, words: Iterable[str]) -> list[SourceFile]:
        """The files whose text holds one of the words; nothing is parsed."""
        return self._contents.holding(sorted({word.encode() for word in words}))

    def path(self, name: str) -> Path:
        """Where a file really is."""
        return self._by_name[name].path if name in self._by_name else self.tree.root / name

    def module(self, name: str) -> Module | None:
        """The parsed file of that name; None where there is none or it is no Python (which is noted once)."""
        if name not in self._modules:
            file = self._by_name.get(name)
            self._modules[name] = None if file is None else self._parsed(file)
        return self._modules[name]

    def _parsed(self, file: SourceFile) -> Module | None:
        try:
            text = _decoded(self._source(file))
            lines = Lines.of(text)
            tree = _syntax(text, lines, lambda part, line: self._part(file, part, line))
        except _UnusableError as error:
            self._note(file, error)
            return None
        return Module(name=file.name, package=_parent(file.name), tree=tree, text=text, lines=lines)

    def _part(self, file: SourceFile, text: str, line: int) -> ast.Module | None:
        """A function of a module that is known; None, with a problem, where it is not to be followed."""
        try:
            return _shallow(_tree(text, line))
        except _UnusableError as error:
            self._note(file, error)
            return None

    def _note(self, file: SourceFile, error: _UnusableError) -> None:
        place = Span(file=file.name, line=error.line, column=error.column)
        self.problems.append(Problem(span=place, text=error.text, fix=error.fix))

    def told(self) -> tuple[Problem, ...]:
        """The problems; files that are no Python of this version are one, however many they are."""
        unread = sorted(
            (one for one in self.problems if one.fix == _NO_PYTHON), key=lambda one: one.span.sort_key
        )
        others = tuple(one for one in self.problems if one.fix != _NO_PYTHON)
        if not unread:
            return others
        files = sorted({one.span.file for one in unread} - {unread[0].span.file})
        names = f"{', '.join(files[:_MOST_NAMES])}{' ...' if len(files) > _MOST_NAMES else ''}"
        more = f" (and {len(files)} more of these files: {names})" if files else ""
        return (*others, replace(unread[0], text=f"{unread[0].text}{more}"))

    def _source(self, file: SourceFile) -> bytes:
        """The content of a file. Raises _UnusableError where it cannot be read or is too long."""
        try:
            data = self._contents.of(file) or self.tree.read_bytes(file.path)
        except UnreadableFileError as error:
            raise _UnusableError(f"the file {error}") from None
        if len(data) > _MOST_BYTES:
            raise _UnusableError(f"the file is larger than {_MOST_BYTES // 1_000_000} MB", "leave it out")
        return data

    def settings_modules(self) -> list[str]:
        """Files of Django settings: `settings.py`, and what lies in a package `settings`."""
        return sorted(
            name
            for name in self._by_name
            if PurePosixPath(name).name == "settings.py" or PurePosixPath(name).parent.name == "settings"
        )

    def find(self, dotted: str, importer: Module) -> Module | None:
        """The module an absolute import means, if it is one of the project: the nearest to the importer.

        The folder of a package is not searched for its own modules (`clients/openai.py` that imports
        `openai` means the library), and a name of the standard library is never the project's.
        """
        key = (dotted, importer.name)
        if key not in self._found:
            self._found[key] = self._absolute(dotted, importer) or ""
        return self.module(self._found[key]) if self._found[key] else None

    def is_folder(self, dotted: str, importer: Module) -> bool:
        """Whether the name is that of a package without an `__init__.py`."""
        path = dotted.replace(".", "/")
        return any(
            (f"{root}/{path}" if root else path) in self._folders for root in self._roots(importer.package)
        )

    def _absolute(self, dotted: str, importer: Module) -> str | None:
        if not dotted or dotted.partition(".")[0] in _OUTSIDE:
            return None
        path = dotted.replace(".", "/")
        for root in self._roots(importer.package):
            found = self._at(f"{root}/{path}" if root else path)
            if found is not None and found != importer.name:
                return found
        beside = self._at(f"{importer.package}/{path}")
        if beside is not None and beside != importer.name and self._is_started_in(importer.package):
            return beside
        return self._elsewhere(dotted, path, importer)

    def _is_started_in(self, folder: str) -> bool:
        """A folder that is an application: its files are started there, also where it is a package too."""
        if folder not in self._started_in:
            self._started_in[folder] = any(self._lies_in(folder, name) for name in _OF_APPLICATIONS)
        return self._started_in[folder]

    def _lies_in(self, folder: str, name: str) -> bool:
        try:
            self.tree.inside(self.tree.base / folder / name)
        except UnreadableFileError:
            return False
        return True

    def _elsewhere(self, dotted: str, path: str, importer: Module) -> str | None:
        """A package of another part of the repository: the one with most folders in common, where one has."""
        ranked: dict[int, list[str]] = {}
        for name in self._endings.get(path.rpartition("/")[2], ()):
            module = name.removesuffix("/__init__.py").removesuffix(".py")
            root = module.removesuffix(path)
            if name == importer.name or (root and not root.endswith("/")) or not module.endswith(path):
                continue
            if f"{root}__init__.py" in self._by_name or (
                "." not in dotted and not name.endswith("__init__.py")
            ):
                continue
            ranked.setdefault(_in_common(name, importer.name), []).append(name)
        best = ranked[max(ranked)] if ranked else []
        return best[0] if len(best) == 1 else None

    def relative(self, dotted: str, level: int, importer: Module) -> Module | None:
        """The module that `from ..x import y` means; `dotted` empty for the package itself."""
        package = importer.package
        for _ in range(level - 1):
            if not package:
                return None
            package = _parent(package)
        path = "/".join(part for part in (package, dotted.replace(".", "/")) if part)
        found = self._at(path) if path else ("__init__.py" if "__init__.py" in self._by_name else None)
        return self.module(found) if found and found != importer.name else None

    def within(self, package: Module, name: str) -> Module | None:
        """The submodule of a package's `__init__.py`."""
        if not package.is_package:
            return None
        found = self._at(f"{package.package}/{name}" if package.package else name)
        return self.module(found) if found else None

    def _at(self, path: str) -> str | None:
        for name in (f"{path}/__init__.py", f"{path}.py"):
            if name in self._by_name:
                return name
        return None

    def _roots(self, package: str) -> Iterator[str]:
        """Folders that imports may start from, the nearest first."""
        folder = package
        while True:
            if f"{folder}/__init__.py" not in self._by_name or not folder:
                yield folder
                yield from (f"{folder}/{name}" if folder else name for name in _SOURCE_FOLDERS)
            if not folder:
                return
            folder = _parent(folder)


def is_test(name: str) -> bool:
    """A file that is no part of what runs."""
    return any(_TEST.fullmatch(part) for part in PurePosixPath(name).with_suffix("").parts)


def _imports(data: bytes, firsts: set[bytes], wanted: Sequence[tuple[bytes, ...]]) -> bool:
    if not any(first in data for first in firsts):
        return False
    for match in _IMPORT.finditer(data):
        words = set(_WORD.findall(match[1] or match[2] or b""))
        if words & firsts and any(words.issuperset(parts) for parts in wanted):
            return True
    return False


def _decoded(data: bytes) -> str:
    """The text as Python decodes it: a byte order mark, a coding comment, else UTF-8."""
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(data[:2_000]).readline)
    except (SyntaxError, UnicodeDecodeError):
        encoding = "utf-8-sig"
    text = data.decode(encoding, errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _syntax(text: str, lines: Lines, part: Parse) -> ast.Module:
    """The syntax tree of a text, its functions put off. Raises _UnusableError where there is none."""
    short, cuts = outline(lines)
    try:
        tree = _tree(short)
    except _UnusableError:
        tree, cuts = _tree(text), {}
    defer(tree, lines, part, cuts)
    return _shallow(tree)


def _tree(text: str, first: int = 1) -> ast.Module:
    """The syntax tree of a text that begins in a line. Raises _UnusableError where there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes and the like are the business of others
            try:
                return ast.parse(text)
            except SyntaxError:
                older = in_older_words(text)
                if older == text:
                    raise
                return ast.parse(older)
    except SyntaxError as error:
        why = f"this is no Python {_RUNNING} that can be read: {error.msg}"
        line, column = max(error.lineno or first, first), max(error.offset or 0, 0)
        raise _UnusableError(why, _NO_PYTHON, line, column) from None
    except (RecursionError, MemoryError):
        raise _UnusableError("it is nested too deeply", "leave it out", first) from None
    except ValueError:  # a NUL character
        raise _UnusableError("this is no Python that can be read", "leave it out", first) from None


def _shallow(tree: ast.Module) -> ast.Module:
    """The tree itself. Raises _UnusableError where it is nested deeper than anybody writes."""
    if _deeper_than(tree, _DEEPEST):
        line = getattr(tree.body[0], "lineno", 1)
        raise _UnusableError(f"it is nested deeper than {_DEEPEST} levels", "leave it out", line)
    return tree


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _in_common(left: str, right: str) -> int:
    """How many folders two paths begin with in common."""
    count = 0
    for one, other in zip(left.split("/")[:-1], right.split("/")[:-1], strict=False):
        if one != other:
            break
        count += 1
    return count


def _deeper_than(tree: ast.AST, most: int) -> bool:
    """Whether some branch of the tree is longer; looks without recursion."""
    level: list[ast.AST] = [tree]
    for _ in range(most):
        held: list[object] = []
        for node in level:
            held += vars(node).values()
        lists = [value for value in held if value.__class__ is list and value]
        level = [value for value in held if isinstance(value, ast.AST) and value.__class__ not in _ENDS]
        for value in lists:
            level += [item for item in value if isinstance(item, ast.AST) and item.__class__ not in _ENDS]
        if not level:
            return False
    return True


_ENDS = frozenset({ast.Name, ast.Constant, ast.Load, ast.Store, ast.Del, ast.Pass})
"""Nodes that hold no others."""
