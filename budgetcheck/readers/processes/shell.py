"""Follows a shell script without running it: which commands it may start, with which words and variables.

Conditions that these files decide are decided; of all others every branch is followed, and variables that
differ between the branches have several values.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Protocol

from budgetcheck.readers.processes.expansion import Parameter, expand, set_to, value_of
from budgetcheck.readers.processes.lexing import Part, Source, Token, Word, lex
from budgetcheck.readers.processes.shell_builtins import BUILTINS
from budgetcheck.readers.processes.shell_state import Arg, State
from budgetcheck.readers.processes.shell_syntax import (
    Assignment,
    Block,
    Branches,
    Case,
    Chain,
    Command,
    Function,
    Node,
    Repeat,
    assignment_in,
    parse_shell,
)
from budgetcheck.readers.processes.shell_tests import judge_test
from budgetcheck.readers.processes.texts import EMPTY, Text, joined, literal, unknown

__all__ = ["Arg", "Host", "Shell", "State", "expand_words", "plain_words"]

_MOST_STEPS = 4_000
_MOST_ROUNDS = 40
_DEEPEST_CALL = 12
_DECLARING = frozenset({"export", "declare", "local", "readonly", "typeset"})


class Host(Protocol):
    """What the shell asks its surroundings for."""

    def start(self, words: Sequence[Arg], state: State) -> None:
        """A command that is not the shell's own would be started."""

    def script(self, path: str, folder: str) -> Source | None:
        """The script at a path, None where it is not in these files."""


class Shell:
    """Follows blocks of shell code; bounded in steps and depth."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.steps = 0
        self.depth = 0

    def run(self, block: Block, state: State) -> bool | None:
        """Follows a block; whether its last command succeeds, None where that is not known."""
        status: bool | None = True
        for node in block.nodes:
            self.steps += 1
            if state.jump or self.steps > _MOST_STEPS:
                break
            status = self._node(node, state)
        return status

    def _node(self, node: Node, state: State) -> bool | None:
        match node:
            case Block():
                return self.run(node, state)
            case Function():
                state.functions[node.name] = node.body
                return True
            case Chain():
                return self._chain(node, state)
            case Branches():
                return self._branches(node, state)
            case Repeat():
                return self._repeat(node, state)
            case Case():
                return self._case(node, state)
            case Command():
                return self._command(node, state)

    def _chain(self, chain: Chain, state: State) -> bool | None:
        status = self._node(chain.parts[0], state)
        before = chain.parts[0]
        for operator, part in zip(chain.operators, chain.parts[1:], strict=True):
            if state.jump:
                break
            if operator in ("|", "|&"):
                self._node(part, state.copy())
                status = None
            elif status is None:
                other = state.copy()
                status = self._node(part, other)
                # What follows `migrate &&` is what is meant to run; a test may well fail, and so may what
                # stands before `|| exit`.
                expected = operator == "&&" and not _is_test(before) and not other.jump
                state.become((other,) if expected else (other, state.copy()))
            elif status is (operator == "&&"):
                status = self._node(part, state)
            before = part
        return not status if chain.negated and status is not None else status

    def _branches(self, node: Branches, state: State) -> bool | None:
        ends: list[State] = []
        for condition, body in node.arms:
            decided = self.run(condition, state)
            if decided is True:
                self.run(body, state)
                state.become([*ends, state.copy()])
                return None
            if decided is None:
                taken = state.copy()
                self.run(body, taken)
                ends.append(taken)
        if node.otherwise:
            self.run(node.otherwise, state)
        state.become([*ends, state.copy()])
        return None

    def _case(self, node: Case, state: State) -> bool | None:
        subject = self._one(node.subject, state)
        ends: list[State] = []
        for patterns, body in node.arms:
            fits = _fits(subject, [self._one(pattern, state) for pattern in patterns])
            if fits is False:
                continue
            taken = state.copy()
            self.run(body, taken)
            ends.append(taken)
            if fits:
                state.become(ends)
                return None
        state.become([*ends, state.copy()])
        return None

    def _repeat(self, node: Repeat, state: State) -> bool | None:
        if node.variable:
            state.variables[node.variable] = unknown("it differs from round to round")
        for _ in range(_MOST_ROUNDS):
            decided = self.run(node.condition, state) if node.condition else None
            if decided is not None and decided is node.until:
                break
            before = state.copy()
            self.run(node.body, state)
            stop = state.jump in ("break", "exit", "return")
            state.jump = "" if state.jump in ("break", "continue") else state.jump
            if decided is None:
                state.become((before, state.copy()))
                break
            if stop:
                break
        return None

    def _command(self, command: Command, state: State) -> bool | None:
        if not command.words:
            for assignment in command.assignments:
                self._assign(assignment, state)
            return True
        name = command.words[0].plain or ""
        if name in _DECLARING:
            self._declare(command, state)
            return True
        words = [arg for word in command.words for arg in self.expand(word, state)]
        if not words:
            return True
        scope = state
        if command.assignments:
            scope = state.copy()
            for assignment in command.assignments:
                self._assign(assignment, scope)
                scope.exported.add(assignment.name)
        return self._call(words, scope, state)

    def _call(self, words: Sequence[Arg], scope: State, state: State) -> bool | None:
        name = words[0].text.known
        if name is None:
            return None
        if name in ("[", "[[", "test"):
            closing = {"[": "]", "[[": "]]"}.get(name, "")
            tested = words[1:-1] if closing and words[-1].text.known == closing else words[1:]
            return judge_test([arg.text for arg in tested])
        if name in state.functions:
            return self._function(state.functions[name], words[1:], state)
        if name in ("true", ":", "false"):
            return name != "false"
        if name in BUILTINS:
            BUILTINS[name](words[1:], state)
            return True
        if name in (".", "source", "eval"):
            self._include(name, words[1:], state)
            return None
        if name == "exec":
            if len(words) > 1:
                self.host.start(words[1:], scope)
                state.jump = "exit"
            return None
        self.host.start(words, scope)
        return None

    def _function(self, body: Block, arguments: Sequence[Arg], state: State) -> bool | None:
        if self.depth >= _DEEPEST_CALL:
            return None
        self.depth += 1
        outside, state.arguments = state.arguments, tuple(arguments)
        status = self.run(body, state)
        state.arguments = outside
        state.jump = "exit" if state.jump == "exit" else ""
        self.depth -= 1
        return status

    def _include(self, name: str, words: Sequence[Arg], state: State) -> None:
        if not words or self.depth >= _DEEPEST_CALL:
            return
        first = joined([part for word in words for part in (word.text, literal(" "))]).known
        if name == "eval":
            source = Source(text=first, file=words[0].span.file, line=words[0].span.line) if first else None
        else:
            path = words[0].text.known
            source = self.host.script(path, state.folder) if path else None
        if source is not None:
            self.depth += 1
            self.run(parse_shell(source), state)
            state.jump = "exit" if state.jump == "exit" else ""
            self.depth -= 1

    def _declare(self, command: Command, state: State) -> None:
        exports = command.words[0].plain == "export" or any(word.plain == "-x" for word in command.words)
        for word in command.words[1:]:
            assignment = assignment_in(Token(word=word))
            if assignment:
                self._assign(assignment, state)
            name = assignment.name if assignment else word.plain or ""
            if exports and name.isidentifier():
                state.exported.add(name)
        for assignment in command.assignments:
            self._assign(assignment, state)

    def _assign(self, assignment: Assignment, state: State) -> None:
        name = assignment.name
        if assignment.array is not None:
            added = tuple(arg for word in assignment.array for arg in self.expand(word, state))
            state.arrays[name] = (*(state.arrays.get(name, ()) if assignment.append else ()), *added)
            return
        value = self._one(assignment.word, state)
        if assignment.append:
            value = joined((state.variables.get(name, EMPTY), value))
        state.arrays.pop(name, None)
        state.variables[name] = set_to(name, value, assignment.word.span.file, assignment.word.span.line)
        if state.export_all:
            state.exported.add(name)

    def _one(self, word: Word, state: State) -> Text:
        """A word that is not split, as in an assignment."""
        texts = [self._part(part, word, state) for part in word.parts]
        return joined(texts) if texts else EMPTY

    def expand(self, word: Word, state: State) -> list[Arg]:
        """The words that one word becomes: `$*` and unquoted variables may make several, or none."""
        fields: list[list[Text]] = [[]]
        spans = [word.span]
        quoted = False
        for part in word.parts:
            quoted = quoted or part.quoted
            if part.parameter and part.parameter.every:
                elements = self._elements(part.parameter, state)
                if len(word.parts) == 1 or all(p.text == "" or p is part for p in word.parts):
                    return list(elements)
                fields[-1] += [joined([e.text for e in elements[:1]] or [EMPTY])]
                continue
            value = self._part(part, word, state)
            pieces = (value.known or "").split() if not part.quoted and value.known else []
            if part.text is None and (len(pieces) > 1 or (pieces and value.known != pieces[0])):
                fields[-1].append(Text(choices=(pieces[0],), spans=value.spans))
                fields += [[Text(choices=(piece,), spans=value.spans)] for piece in pieces[1:]]
                spans += [word.span] * (len(pieces) - 1)
            else:
                fields[-1].append(value)
        made = [
            Arg(text=joined(texts) if texts else EMPTY, span=span, pieces=tuple(texts))
            for texts, span in zip(fields, spans, strict=True)
        ]
        return [arg for arg in made if quoted or arg.text.known != ""]

    def _elements(self, parameter: Parameter, state: State) -> tuple[Arg, ...]:
        if parameter.name in ("@", "*"):
            return state.arguments or ()
        return state.arrays.get(parameter.name, ())

    def _part(self, part: Part, word: Word, state: State) -> Text:
        if part.text is not None:
            return literal(part.text)
        if part.filled is not None:
            return part.filled
        parameter = part.parameter
        if parameter is None:
            return unknown("it is the output of a command")
        if parameter.every:
            return joined(
                [t for arg in self._elements(parameter, state) for t in (arg.text, literal(" "))] or [EMPTY]
            )
        value = value_of(parameter, state.lookup, lambda text: _default(text, state))
        before = state.lookup(parameter.name)
        if parameter.operator in (":=", "=") and value != before:
            value = set_to(parameter.name, value, word.span.file, word.span.line)
            state.variables[parameter.name] = value
        return value


def _is_test(node: Node) -> bool:
    return isinstance(node, Command) and bool(node.words) and node.words[0].plain in ("[", "[[", "test")


def _default(text: str, state: State) -> Text:
    quote = text[:1]
    inner = text[1:-1] if len(text) > 1 and quote in "'\"" and text.endswith(quote) else text
    return literal(inner) if quote == "'" else expand(inner, state.lookup)


def _fits(subject: Text, patterns: Sequence[Text]) -> bool | None:
    """Whether a `case` pattern takes the subject; None where that is not known."""
    if any(pattern.known == "*" for pattern in patterns):
        return True
    if not subject.choices or any(pattern.known is None for pattern in patterns):
        return None
    found = {
        any(fnmatchcase(choice, pattern.known or "") for pattern in patterns) for choice in subject.choices
    }
    return found.pop() if len(found) == 1 else None


class _Nobody:
    """A host for words that start nothing."""

    def start(self, words: Sequence[Arg], state: State) -> None:
        """Nothing."""

    def script(self, path: str, folder: str) -> Source | None:  # noqa: ARG002
        """None."""
        return None


def plain_words(source: Source) -> list[Arg]:
    """The words of a command that no shell reads: quotes count, operators and parameters do not.

    Raises ShellError where a quote is left open.
    """
    return expand_words(source, State())


def expand_words(source: Source, state: State) -> list[Arg]:
    """The words of a command with the parameters of a state. Raises ShellError as `plain_words` does."""
    shell = Shell(_Nobody())
    found: list[Arg] = []
    for token in lex(source):
        if token.word is not None:
            found += shell.expand(token.word, state)
        elif token.operator != "\n" and found:
            found.append(Arg(text=literal(token.operator), span=found[-1].span))
    return found
