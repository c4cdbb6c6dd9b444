"""Commands of the shell itself that change what it knows."""

from collections.abc import Sequence
from typing import Protocol

from budgetcheck.readers.processes.shell_state import Arg, State
from budgetcheck.readers.processes.texts import unknown


def _set(words: Sequence[Arg], state: State) -> None:
    known = [word.text.known for word in words]
    if "-a" in known or "allexport" in known:
        state.export_all = True
    if "--" in known:
        state.arguments = tuple(words[known.index("--") + 1 :])
    elif words and not (known[0] or "-").startswith(("-", "+")):
        state.arguments = tuple(words)


def _shift(words: Sequence[Arg], state: State) -> None:
    count = words[0].text.known if words else "1"
    if state.arguments is not None and count and count.isdigit():
        state.arguments = state.arguments[int(count) :]
    else:
        state.arguments = None


def _read(words: Sequence[Arg], state: State) -> None:
    for word in words:
        if word.text.known and word.text.known.isidentifier():
            state.variables[word.text.known] = unknown("it is read from the standard input")


def _unset(words: Sequence[Arg], state: State) -> None:
    for word in words:
        state.variables.pop(word.text.known or "", None)


def _cd(words: Sequence[Arg], state: State) -> None:
    if words:
        state.enter(words[-1].text)


def _jump(kind: str) -> "Builtin":
    def jump(_: Sequence[Arg], state: State) -> None:
        state.jump = kind

    return jump


def _nothing(_words: Sequence[Arg], _state: State) -> None:
    return


class Builtin(Protocol):
    """A command of the shell: changes the state by the words behind its name."""

    def __call__(self, words: Sequence[Arg], state: State, /) -> None:
        """Changes the state."""


BUILTINS: dict[str, Builtin] = {
    "set": _set,
    "shift": _shift,
    "read": _read,
    "getopts": _read,
    "unset": _unset,
    "cd": _cd,
    "pushd": _cd,
    "exit": _jump("exit"),
    "return": _jump("return"),
    "break": _jump("break"),
    "continue": _jump("continue"),
    **dict.fromkeys(
        ("echo", "printf", "wait", "trap", "ulimit", "umask", "sleep", "shopt", "alias"), _nothing
    ),
}
