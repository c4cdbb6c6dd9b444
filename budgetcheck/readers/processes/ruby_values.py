"""What a Ruby configuration file sets, read line by line and never run.

Covers what `config/puma.rb` and its like are made of: `name value` in a line of its own, numbers, texts,
reads of the environment with their defaults, and conditions on the environment the application runs in.
Everything else is not known.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.expansion import Variables, not_set
from budgetcheck.readers.processes.options import Given
from budgetcheck.readers.processes.texts import Text, harmless, joined, literal, unknown

_MOST_LINES = 2_000
_MOST_CHARACTERS = 500
_DEEPEST = 6
_CALL = re.compile(r"([a-z_]\w*)(?:\s+|\s*\()(?![=+*/<>|&-])(.+)")
_ASSIGNED = re.compile(r"([a-zA-Z_]\w*)\s*=\s*([^=~].*)")
_OPENS = re.compile(r"(if|unless|case|while|until|begin|def|class|module|for)\b\s*(.*)")
_BLOCK = re.compile(r".*\bdo(?:\s*\|[^|]*\|)?")
_MODIFIER = re.compile(r"(.*\S)\s+(if|unless)\s+(.*)")
_COMPARED = re.compile(r"(==|!=)\s*['\"](\w+)['\"]")
_ASKED = re.compile(r"(!?)\s*[\w.:]*\.(production|development|test|staging)\?")
_NUMBER = re.compile(r"-?\d[\d_]{0,12}(?:\.\d+)?")
_PRODUCT = re.compile(r"\d[\d_]{0,9}(?:\s*\*\s*\d[\d_]{0,9}){1,3}")
_QUOTED = re.compile(r"'([^'\\]*)'|\"((?:[^\"\\#]|#(?!\{)|#\{[^{}]*(?:\{[^{}]*\}[^{}]*)?\})*)\"")
_INTERPOLATED = re.compile(r"#\{([^{}]*(?:\{[^{}]*\}[^{}]*)?)\}")
_ENV = re.compile(
    r"ENV(?:\.fetch\(\s*['\"](\w+)['\"]\s*(?:,\s*(.+))?\)|\[\s*['\"](\w+)['\"]\s*\])\s*(?:\{\s*(.*?)\s*\})?"
)
_HANDED_ON = re.compile(r"\b[A-Z][\w:]*\.\w+\(?\s*self\b|^(?:instance_eval|load)\b")
ANYTHING = "*"
"""Stands for every setting, in a file that lets other code set what it likes."""
_ELSEWHERE = "code that is not among these files sets it"
_CONDITION = "it depends on a condition in the file"


@dataclass(slots=True)
class _Block:
    """An open block; `holds`: it is gone through where the application is deployed, None if not known."""

    holds: bool | None
    condition: bool


@dataclass(slots=True)
class _File:
    file: str
    environment: Variables
    names: dict[str, Text] = field(default_factory=dict)
    blocks: list[_Block] = field(default_factory=list)


def read_ruby(text: str, file: str, environment: Variables) -> dict[str, list[Given]]:
    """The values of every `name value` at the top level, in order, by name."""
    found: dict[str, list[Given]] = {}
    state = _File(file=file, environment=environment)
    for number, line in enumerate(text.splitlines()[:_MOST_LINES], 1):
        statement = _uncommented(line[:_MOST_CHARACTERS]).strip()
        for name, given in _statement(statement, number, state):
            found.setdefault(name, []).append(given)
    return found


def ruby_value(code: str, environment: Variables, names: Mapping[str, Text] | None = None) -> Text:
    """What an expression stands for."""
    return _value(code.strip(), environment, names or {}, 0)


def _statement(statement: str, number: int, state: _File) -> Iterator[tuple[str, Given]]:
    if not statement or _is_block(statement, state.blocks):
        return
    holds = _all_hold(state.blocks)
    match = _MODIFIER.fullmatch(statement)
    if match:
        own = _deployed(match.group(3), negated=match.group(2) == "unless")
        statement = match.group(1)
        holds = False if False in (holds, own) else None if None in (holds, own) else True
    if holds is False:
        return
    assigned = _ASSIGNED.fullmatch(statement)
    if assigned:
        value = _value(assigned.group(2).strip(), state.environment, state.names, 0)
        state.names[assigned.group(1)] = value if holds else unknown(_CONDITION)
        return
    if _HANDED_ON.search(statement):
        yield ANYTHING, Given(text=unknown(_ELSEWHERE), span=Span(file=state.file, line=number))
        return
    call = _CALL.fullmatch(statement)
    if call:
        name, rest = call.groups()
        code = rest.removesuffix(")") if f"{name}(" in statement else rest
        first = first_argument(code)
        # Puma's `threads min, max`: the most is what counts.
        most = name == "threads" and code[len(first) :].lstrip().startswith(",")
        code = first_argument(code[len(first) :].lstrip()[1:]) if most else first
        value = _value(code, state.environment, state.names, 0) if holds else unknown(_CONDITION)
        shown = f"{name} {code}" if harmless(code) or code.startswith("ENV") else name
        yield name, Given(text=value, span=Span(file=state.file, line=number, text=shown))


def _is_block(statement: str, blocks: list[_Block]) -> bool:
    """Opens and closes blocks; true where the statement is nothing else."""
    if statement == "end" or statement.startswith(("end ", "end.")):
        if blocks:
            blocks.pop()
        return True
    if statement.startswith(("else", "elsif", "when ", "in ")) and blocks:
        block = blocks[-1]
        block.holds = not block.holds if statement == "else" and block.holds is not None else None
        return True
    opens = _OPENS.fullmatch(statement)
    if opens:
        word, condition = opens.groups()
        holds = _deployed(condition, negated=word == "unless") if word in ("if", "unless") else None
        blocks.append(_Block(holds=holds, condition=word in ("if", "unless", "case")))
        return True
    if _BLOCK.fullmatch(statement):
        blocks.append(_Block(holds=False, condition=False))  # a hook: what it does sets nothing
        return True
    return False


def _all_hold(blocks: list[_Block]) -> bool | None:
    values = [block.holds for block in blocks]
    return False if False in values else None if None in values else True


def _deployed(condition: str, *, negated: bool) -> bool | None:
    """Whether a condition on the environment of the application holds in production."""
    compared, asked = _COMPARED.search(condition), _ASKED.search(condition)
    if compared:
        holds = (compared.group(2) == "production") is (compared.group(1) == "==")
        named = compared.group(2)
    elif asked:
        holds, named = (asked.group(2) == "production") is not bool(asked.group(1)), asked.group(2)
    else:
        return None
    return holds is not negated if named in ("production", "development", "test") else None


def _value(code: str, environment: Variables, names: Mapping[str, Text], depth: int) -> Text:
    if depth > _DEEPEST:
        return unknown("it is worked out in the file")
    code = _unwrapped(code)
    first, several, rest = code.partition("||")
    if several:
        found = _value(first.strip(), environment, names, depth + 1)
        return _value(rest.strip(), environment, names, depth + 1) if found.unset else found
    if _NUMBER.fullmatch(code):
        return literal(code.replace("_", ""))
    if _PRODUCT.fullmatch(code):
        product = 1
        for factor in code.split("*"):
            product *= int(factor.replace("_", ""))
        return literal(str(product))
    quoted = _QUOTED.fullmatch(code)
    if quoted:
        return _text(quoted, environment, names, depth)
    read = _ENV.fullmatch(code)
    if read:
        return _read(read, environment, names, depth)
    return names.get(code) or unknown("it is worked out in the file")


def _unwrapped(code: str) -> str:
    """`Integer(x)`, `(x).to_i`, `x.to_i` are x."""
    for _ in range(_DEEPEST):
        before = code
        code = code.strip()
        if code.endswith((".to_i", ".to_s", ".to_f")):
            code = code[:-5]
        for opening in ("Integer(", "("):
            if code.startswith(opening) and _closes_at_its_end(code, len(opening) - 1):
                code = code[len(opening) : -1]
        if code == before:
            break
    return code


def _closes_at_its_end(code: str, at: int) -> bool:
    depth = 0
    for index in range(at, len(code)):
        depth += {"(": 1, ")": -1}.get(code[index], 0)
        if depth == 0:
            return index == len(code) - 1
    return False


def _text(quoted: re.Match[str], environment: Variables, names: Mapping[str, Text], depth: int) -> Text:
    plain, filled = quoted.groups()
    if plain is not None:
        return literal(plain)
    parts: list[Text] = []
    end = 0
    for match in _INTERPOLATED.finditer(filled):
        parts += [
            literal(filled[end : match.start()]),
            _value(match.group(1), environment, names, depth + 1),
        ]
        end = match.end()
    return replace(joined([*parts, literal(filled[end:])]), unset=False)


def _read(read: re.Match[str], environment: Variables, names: Mapping[str, Text], depth: int) -> Text:
    fetched, second, indexed, block = read.groups()
    name = fetched or indexed
    value = environment.get(name)
    if value is not None and not value.unset:
        return value
    default = second or block
    return _value(default, environment, names, depth + 1) if default else not_set(name)


def _uncommented(line: str) -> str:
    """The line without its comment; `#{` inside a text begins none."""
    quote = ""
    for index, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "#":
            return line[:index]
    return line


def first_argument(code: str) -> str:
    """The text up to the first comma that stands in no bracket and no quotes."""
    depth, quote = 0, ""
    for index, character in enumerate(code):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth < 0:
                return code[:index].strip()
        elif character == "," and depth == 0:
            return code[:index].strip()
    return code.strip()
