"""What a shell knows at one point of a script: variables, arguments, functions, and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from posixpath import isabs, join, normpath

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.shell_syntax import Block
from budgetcheck.readers.processes.texts import EMPTY, Text, either, literal, unknown

_BRANCHES = "it depends on a condition in the script"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arg:
    """A word of a command after expansion; `span` is where it stands, with its text as written.

    `pieces` are the texts it was put together from, for a word that is read as shell text in turn.
    """

    text: Text
    span: Span
    pieces: tuple[Text, ...] = ()


@dataclass(slots=True)
class State:
    """What a shell knows at one point.

    Attributes:
        variables: of the shell and its environment. `exported`: names of those that commands get to see.
        arguments: `$1`, `$2` ...; None where they are not known.
        folder: the working directory, empty where it is not known.
        jump: `exit`, `return`, `break` or `continue` is on its way.
    """

    variables: dict[str, Text] = field(default_factory=dict)
    exported: set[str] = field(default_factory=set)
    arrays: dict[str, tuple[Arg, ...]] = field(default_factory=dict)
    functions: dict[str, Block] = field(default_factory=dict)
    arguments: tuple[Arg, ...] | None = ()
    folder: str = ""
    export_all: bool = False
    jump: str = ""

    def copy(self) -> "State":
        """An independent copy."""
        return replace(
            self,
            variables=dict(self.variables),
            exported=set(self.exported),
            arrays=dict(self.arrays),
            functions=dict(self.functions),
        )

    @property
    def environment(self) -> dict[str, Text]:
        """What a command that is started here gets to see."""
        return {name: text for name, text in self.variables.items() if name in self.exported}

    def lookup(self, name: str) -> Text | None:
        """The value of a variable or argument; None where nothing sets it."""
        if name.isdigit() and name != "0":
            if self.arguments is None:
                return unknown("the arguments of the script are not known")
            number = int(name)
            return self.arguments[number - 1].text if number <= len(self.arguments) else EMPTY
        if name == "#" and self.arguments is not None:
            return literal(str(len(self.arguments)))
        array, bracket, index = name.partition("[")
        if bracket:
            elements = self.arrays.get(array, ())
            number = int(index.rstrip("]"))
            return elements[number].text if number < len(elements) else self.variables.get(array, EMPTY)
        if name in self.arrays:
            return self.arrays[name][0].text if self.arrays[name] else EMPTY
        if name in ("0", "#", "?", "!", "$", "-"):
            return unknown("only a running shell knows it")
        return self.variables.get(name)

    def enter(self, folder: Text) -> None:
        """Changes the working directory."""
        path = folder.known
        self.folder = normpath(join(self.folder, path)) if path and (isabs(path) or self.folder) else ""

    def become(self, others: Sequence["State"]) -> None:
        """Goes on as any of the others may have ended."""
        going = [state for state in others if state.jump != "exit"]
        if not going:
            self.jump = "exit"
            return
        names = {name for state in going for name in state.variables}
        self.variables = {name: _merged(name, going) for name in sorted(names)}
        self.exported = {name for state in going for name in state.exported}
        self.arrays = going[0].arrays if all(s.arrays == going[0].arrays for s in going) else _agreeing(going)
        self.functions = {name: body for state in going for name, body in state.functions.items()}
        same = all(state.arguments == going[0].arguments for state in going)
        self.arguments = going[0].arguments if same else None
        self.folder = going[0].folder if all(s.folder == going[0].folder for s in going) else ""
        self.jump = going[0].jump if all(s.jump == going[0].jump for s in going) else ""


def _merged(name: str, states: Sequence[State]) -> Text:
    return either((state.variables.get(name, EMPTY) for state in states), _BRANCHES)


def _agreeing(states: Sequence[State]) -> dict[str, tuple[Arg, ...]]:
    """Arrays of different branches: the longest stands for all, since branches mostly add options."""
    names = {name for state in states for name in state.arrays}
    return {name: max((s.arrays.get(name, ()) for s in states), key=len) for name in sorted(names)}
