"""What every reader is given, and the shape of a reader."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TypeVar, cast

from budgetcheck.model.options import EnvironmentOptions, Options
from budgetcheck.model.settings import Reading
from budgetcheck.tree import SourceFile, Tree

_Made = TypeVar("_Made")


@dataclass(slots=True)
class Memo:
    """What several readers need and the first of them works out, for one run."""

    _made: dict[str, object] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], _Made]) -> _Made:
        """What `make` gives the first time it is asked for under this name."""
        if name not in self._made:
            self._made[name] = make()
        return cast("_Made", self._made[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadContext:
    """Everything a reader may consult besides its own files.

    Attributes:
        tree: the only way to open further files.
        options: the user's configuration.
        environments: declared and found ones, sorted by name; a reader whose format has values per
            environment evaluates once for each and tags its declarations.
        siblings: all input files of the run, also those of other readers.
        memo: what readers work out together.
    """

    tree: Tree
    options: Options
    environments: tuple[EnvironmentOptions, ...] = ()
    siblings: tuple[SourceFile, ...] = ()
    memo: Memo = field(default_factory=Memo, compare=False, repr=False)


Read = Callable[[Sequence[SourceFile], ReadContext], Reading]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One format. `target` is `module:function`, imported only when a file of the format was found.

    `claims` decides by name and by the first characters of the text alone, without any parser.
    """

    name: str
    title: str
    claims: Callable[[SourceFile], bool]
    target: str

    def load(self) -> Read:
        """Imports the reader and with it its parser."""
        module, _, function = self.target.partition(":")
        loaded: Read = getattr(import_module(module), function)
        return loaded
