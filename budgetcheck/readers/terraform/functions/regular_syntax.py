"""The syntax of RE2 regular expressions, compiled into the program of a small machine."""

from dataclasses import dataclass
from typing import Literal

_MOST_STATES = 2_000
_MOST_REPEATS = 100


class PatternError(Exception):
    """Not a regular expression; the message says why."""


class UnsupportedPatternError(Exception):
    """A regular expression that is not supported, or takes too long."""


@dataclass(frozen=True, slots=True)
class CharacterClass:
    """A set of characters by ranges of codes."""

    ranges: tuple[tuple[int, int], ...]
    negated: bool = False

    def holds(self, character: str) -> bool:
        """The character is one of the set."""
        code = ord(character)
        return any(low <= code <= high for low, high in self.ranges) is not self.negated


_ANY = CharacterClass((), negated=True)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a program. Targets of `split` and `jump` are counted from the step itself."""

    kind: Literal["class", "assert", "save", "split", "jump", "match"]
    held: CharacterClass = _ANY
    anchor: str = ""
    first: int = 0
    second: int = 0


Program = list[Step]

_DIGIT = ((48, 57),)
WORD = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE = ((9, 10), (12, 13), (32, 32))
_PERL = {"d": _DIGIT, "w": WORD, "s": _SPACE}
_POSIX = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "blank": ((9, 9), (32, 32)),
    "digit": _DIGIT,
    "lower": ((97, 122),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": WORD,
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}
_CONTROL = {"n": 10, "r": 13, "t": 9, "f": 12, "v": 11, "a": 7}
_LAST = 0x10FFFF


@dataclass(frozen=True, slots=True)
class _Flags:
    ignore_case: bool = False
    multi_line: bool = False
    dot_all: bool = False


class Parser:
    """Compiles a pattern into a program by recursive descent."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0
        self.names: list[str] = []
        self.flags = _Flags()

    def program(self) -> Program:
        """The compiled pattern. Raises PatternError or UnsupportedPatternError."""
        code = self._alternatives(0)
        if self.position < len(self.pattern):
            raise PatternError("a parenthesis is closed and not opened")
        return [*code, Step("match")]

    def _peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.position)

    def _take(self) -> str:
        if self.position >= len(self.pattern):
            raise PatternError("it ends too early")
        self.position += 1
        return self.pattern[self.position - 1]

    def _alternatives(self, depth: int) -> Program:
        if depth > 50:
            raise UnsupportedPatternError("it is nested too deeply")
        code = self._sequence(depth)
        while self._peek("|"):
            self.position += 1
            other = self._sequence(depth)
            skip = Step("jump", first=len(other) + 1)
            code = [Step("split", first=1, second=len(code) + 2), *code, skip, *other]
        if len(code) > _MOST_STATES:
            raise UnsupportedPatternError("it is too large")
        return code

    def _sequence(self, depth: int) -> Program:
        code: Program = []
        while self.position < len(self.pattern) and not self._peek("|") and not self._peek(")"):
            code += self._repeated(depth)
            if len(code) > _MOST_STATES:
                raise UnsupportedPatternError("it is too large")
        return code

    def _repeated(self, depth: int) -> Program:
        atom = self._atom(depth)
        bounds = self._bounds()
        if bounds is None:
            return atom
        low, high = bounds
        lazy = self._peek("?")
        self.position += lazy
        if self._bounds() is not None:
            raise PatternError("a repetition is repeated")
        if max(low, high or 0) > _MOST_REPEATS:
            raise UnsupportedPatternError("it repeats too often")
        code = atom * low
        if high is None:
            return code + _loop(atom, lazy=lazy)
        return code + [_choice(1, len(atom) + 1, lazy=lazy), *atom] * (high - low)

    def _bounds(self) -> tuple[int, int | None] | None:
        for mark, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._peek(mark):
                self.position += 1
                return bounds
        end = self.pattern.find("}", self.position)
        if not self._peek("{") or end < 0:
            return None
        low, comma, high = self.pattern[self.position + 1 : end].partition(",")
        if not _is_number(low) or (high and not _is_number(high)):
            return None  # a literal brace
        self.position = end + 1
        most = (int(high) if high else None) if comma else int(low)
        if most is not None and most < int(low):
            raise PatternError("a repetition has its bounds the wrong way round")
        return int(low), most

    def _atom(self, depth: int) -> Program:
        character = self._take()
        if character in "*+?":
            raise PatternError("there is nothing to repeat")
        if character == "(":
            return self._group(depth)
        if character == "[":
            return [Step("class", held=self._class())]
        if character == ".":
            return [
                Step("class", held=_ANY if self.flags.dot_all else CharacterClass(((10, 10),), negated=True))
            ]
        if character in "^$":
            return [Step("assert", anchor=self._anchor(character))]
        if character == "\\":
            return self._escape()
        return [Step("class", held=self._literal(ord(character)))]

    def _anchor(self, character: str) -> str:
        prefix = "line " if self.flags.multi_line else ""
        return prefix + ("begin" if character == "^" else "end")

    def _literal(self, code: int) -> CharacterClass:
        return self._folded(((code, code),))

    def _folded(self, ranges: tuple[tuple[int, int], ...]) -> CharacterClass:
        if not self.flags.ignore_case:
            return CharacterClass(ranges)
        if any(high > 127 for _, high in ranges):
            raise UnsupportedPatternError("(?i) with letters beyond ASCII")
        both = list(ranges)
        for low, high in ranges:
            both += [(code ^ 32, code ^ 32) for code in range(low, high + 1) if chr(code).isalpha()]
        return CharacterClass(tuple(both))

    def _escape(self) -> Program:
        character = self._take()
        asserted = {"A": "begin", "z": "end", "b": "boundary", "B": "no boundary"}
        if character in asserted:
            return [Step("assert", anchor=asserted[character])]
        if character.lower() in _PERL:
            return [Step("class", held=CharacterClass(_PERL[character.lower()], negated=character.isupper()))]
        return [Step("class", held=self._literal(self._escaped_code(character)))]

    def _escaped_code(self, character: str) -> int:
        if character in _CONTROL:
            return _CONTROL[character]
        if character.isalnum() or not character.isascii():
            raise UnsupportedPatternError(f"the escape \\{character}")
        return ord(character)

    def _group(self, depth: int) -> Program:
        outer = self.flags
        number = 0
        if self._peek("?"):
            self.position += 1
            name = self._group_name()
            if name:
                number = self._named(name)
            elif not self._inline_flags():
                return []  # flags for the rest of the group around it
        else:
            number = self._named("")
        code = self._alternatives(depth + 1)
        if self._take() != ")":
            raise PatternError("a parenthesis is opened and not closed")
        self.flags = outer
        if number:
            code = [Step("save", first=2 * number), *code, Step("save", first=2 * number + 1)]
        return code

    def _named(self, name: str) -> int:
        if name and name in self.names:
            raise PatternError("two groups have one name")
        self.names.append(name)
        return len(self.names)

    def _group_name(self) -> str:
        for mark in ("P<", "<"):
            if self._peek(mark):
                name, closed, _ = self.pattern[self.position + len(mark) :].partition(">")
                if not closed or not is_name(name):
                    raise PatternError("the name of a group is not valid")
                self.position += len(mark) + len(name) + 1
                return name
        return ""

    def _inline_flags(self) -> bool:
        """Sets `(?i)` and the like; True where a group follows (`(?:`, `(?i:`)."""
        flags, value = self.flags, True
        while True:
            character = self._take()
            if character in ":)":
                self.flags = flags
                return character == ":"
            if character == "-":
                value = False
            elif character in "ims":
                flags = _Flags(
                    ignore_case=value if character == "i" else flags.ignore_case,
                    multi_line=value if character == "m" else flags.multi_line,
                    dot_all=value if character == "s" else flags.dot_all,
                )
            elif character in "=!<":
                raise PatternError("it looks around, which this dialect cannot")
            else:
                raise UnsupportedPatternError(f"(?{character}")

    def _class(self) -> CharacterClass:
        negated = self._peek("^")
        self.position += negated
        ranges: list[tuple[int, int]] = []
        first = True
        while first or not self._peek("]"):
            first = False
            if self._peek("[:"):
                ranges.extend(self._posix())
                continue
            low = self._class_code(ranges)
            if low is None:
                continue
            high = low
            if self._peek("-") and not self._peek("-]"):
                self.position += 1
                found = self._class_code([])
                if found is None or found < low:
                    raise PatternError("a range of characters is not valid")
                high = found
            ranges.append((low, high))
        self.position += 1
        folded = self._folded(tuple(ranges))
        return CharacterClass(folded.ranges, negated=negated)

    def _class_code(self, ranges: list[tuple[int, int]]) -> int | None:
        """A single character's code; None where it was a whole class, which goes to the ranges."""
        character = self._take()
        if character != "\\":
            return ord(character)
        character = self._take()
        if character.lower() not in _PERL:
            return self._escaped_code(character)
        found = _PERL[character.lower()]
        ranges.extend(_complement(found) if character.isupper() else found)
        return None

    def _posix(self) -> tuple[tuple[int, int], ...]:
        end = self.pattern.find(":]", self.position)
        name = self.pattern[self.position + 2 : end] if end >= 0 else ""
        inverted = name.startswith("^")
        found = _POSIX.get(name.removeprefix("^"))
        if found is None:
            raise UnsupportedPatternError("a class of characters")
        self.position = end + 2
        return _complement(found) if inverted else found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 5


def _complement(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    result, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            result.append((start, low - 1))
        start = high + 1
    return (*result, (start, _LAST))


def _choice(taken: int, skipped: int, *, lazy: bool) -> Step:
    first, second = (skipped, taken) if lazy else (taken, skipped)
    return Step("split", first=first, second=second)


def _loop(body: Program, *, lazy: bool) -> Program:
    """Any number of times."""
    if _may_be_empty(body):
        raise UnsupportedPatternError("what is repeated may be empty")
    size = len(body)
    return [_choice(1, size + 2, lazy=lazy), *body, Step("jump", first=-(size + 1))]


def _may_be_empty(body: Program) -> bool:
    todo, seen = [0], set[int]()
    while todo:
        state = todo.pop()
        if state >= len(body):
            return True
        if state in seen:
            continue
        seen.add(state)
        step = body[state]
        if step.kind in ("save", "assert"):
            todo.append(state + 1)
        elif step.kind in ("jump", "split"):
            todo.append(state + step.first)
            todo += [state + step.second] if step.kind == "split" else []
    return False


def is_name(text: str) -> bool:
    """The text may be the name of a group."""
    return bool(text) and all(character == "_" or character.isalnum() for character in text)
