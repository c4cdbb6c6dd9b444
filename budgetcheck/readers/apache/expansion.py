"""What counts of a configuration: includes, macros and conditions worked out, `Define` filled in.

https://httpd.apache.org/docs/2.4/mod/core.html#define, https://httpd.apache.org/docs/2.4/mod/mod_macro.html
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.apache.lexing import Node, Parsed

_VARIABLE = re.compile(r"\$\{([^}:]+)\}")
_VERSION = re.compile(r"(>=|<=|==|=|<|>|!)?\s*~?(\d+)\.?(\d*)")
_TRANSPARENT = frozenset({"ifmodule", "iffile", "ifdirective", "ifsection", "requireall", "requireany"})
_PER_REQUEST = frozenset({"if", "elseif", "else"})
_DEEPEST = 16
_MOST_NODES = 100_000
_NEWEST = (2, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A node that counts.

    Attributes:
        args: with everything filled in that is known.
        when: what else has to be so; empty where it always counts.
        steps: where values of the environment come from that are filled in.
    """

    node: Node
    args: tuple[str, ...]
    body: tuple["Statement", ...] | None = None
    when: str = ""
    steps: tuple[Span, ...] = ()

    @property
    def name(self) -> str:
        """In lower case."""
        return self.node.name


Lookup = Callable[[str, str], tuple[str, tuple[Span, ...]] | None]
"""The value of a variable of the environment for a directive, and where it comes from; None if not known."""
Find = Callable[[Node, str], Iterable[tuple[str, Parsed]]]
"""The files that an include means, by their keys; it notes what is missing itself."""


@dataclass(slots=True)
class Expansion:
    """One configuration while its main file is followed.

    Attributes:
        find: opens what is included.
        lookup: what the process sees in its environment.
        reached: keys of all files that were followed.
    """

    find: Find
    lookup: Lookup
    problems: list[Problem] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    _defined: dict[str, str] = field(default_factory=dict)
    _macros: dict[str, Node] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _count: int = 0

    def follow(self, key: str, parsed: Parsed, when: str = "") -> tuple[Statement, ...]:
        """The statements of a file, with those of all that it includes in their place."""
        self.reached.add(key)
        self.problems += parsed.problems
        self._open.append(key)
        found = tuple(self._all(parsed.nodes, key, when))
        self._open.pop()
        return found

    def _all(self, nodes: Sequence[Node], key: str, when: str) -> Iterator[Statement]:
        for node in nodes:
            self._count += 1
            if self._count > _MOST_NODES:
                return
            yield from self._one(node, key, when)

    def _one(self, node: Node, key: str, when: str) -> Iterator[Statement]:
        name = node.name
        if node.body is not None and (condition := self._condition(node)) is not None:
            counts, more = condition
            if counts:
                yield from self._all(node.body, key, when or more)
            return
        args, steps = self._filled(node)
        if name == "define" and args:
            self._defined[args[0]] = args[1] if len(args) > 1 else ""
        elif name == "undefine" and args:
            self._defined.pop(args[0], None)
        elif name == "macro" and node.args:
            self._macros[node.args[0].lower()] = node
        elif name == "use" and args:
            yield from self._use(node, args, key, when)
        elif name in ("include", "includeoptional") and args:
            yield from self._include(replace(node, args=args), key, when)
        elif node.body is not None:
            # What the section depends on says nothing of what stands in it.
            body = tuple(self._all(node.body, key, ""))
            yield Statement(node=node, args=args, body=body, when=when, steps=steps)
        else:
            yield Statement(node=node, args=args, when=when, steps=steps)

    def _include(self, node: Node, key: str, when: str) -> Iterator[Statement]:
        for found, parsed in self.find(node, key):
            if found in self._open:
                self.problems.append(
                    Problem(span=node.span, text="includes itself", fix="delete one of the includes")
                )
            elif len(self._open) > _DEEPEST:
                self.problems.append(
                    Problem(
                        span=node.span,
                        text="includes are nested too deeply to be followed",
                        fix="include the file from the main file",
                    )
                )
            else:
                yield from self.follow(found, parsed, when)

    def _use(self, node: Node, args: Sequence[str], key: str, when: str) -> Iterator[Statement]:
        macro = self._macros.get(args[0].lower())
        if macro is None or macro.body is None:
            self.problems.append(
                Problem(
                    span=node.span,
                    text=f"uses the macro {args[0]}, which is not in these files",
                    fix=f"give the file with <Macro {args[0]}>",
                )
            )
            return
        mark = f"macro {args[0].lower()}"
        if mark in self._open or len(self._open) > _DEEPEST:
            self.problems.append(
                Problem(span=node.span, text="uses itself", fix="delete the Use in its own <Macro>")
            )
            return
        values = dict(zip(macro.args[1:], args[1:], strict=False))
        self._open.append(mark)
        yield from self._all([_with_values(one, values) for one in macro.body], key, when)
        self._open.pop()

    def _filled(self, node: Node) -> tuple[tuple[str, ...], tuple[Span, ...]]:
        """The words with variables filled in: what is defined here goes before the environment."""
        steps: list[Span] = []

        def value(match: re.Match[str]) -> str:
            if match[1] in self._defined:
                return self._defined[match[1]]
            found = self.lookup(match[1], node.name)
            if found is None:
                return match[0]
            steps.extend(found[1])
            return found[0]

        if not any("${" in arg for arg in node.args):
            return node.args, ()
        args = tuple(_VARIABLE.sub(value, arg)[:100_000] for arg in node.args)
        return args, tuple(dict.fromkeys(steps))

    def _condition(self, node: Node) -> tuple[bool, str] | None:
        """Whether the body of a conditional section counts, and what else it asks for; None of others."""
        asked = node.args[0] if node.args else ""
        if node.name in _TRANSPARENT:
            return not asked.startswith("!"), ""
        if node.name == "ifversion":
            return _holds(" ".join(node.args)), ""
        if node.name == "ifdefine":
            return self._if_defined(asked)
        if node.name in _PER_REQUEST:
            return True, f"<{node.written}> {' '.join(node.args)}".strip()[:80]
        return None

    def _if_defined(self, asked: str) -> tuple[bool, str]:
        name = asked.removeprefix("!")
        if name in self._defined:
            return not asked.startswith("!"), ""
        given = "is not" if asked.startswith("!") else "is"
        return True, f"httpd {given} started with -D {name}"


def _with_values(node: Node, values: Mapping[str, str]) -> Node:
    """A line of a macro with its parameters replaced, longer names first."""

    def put(text: str) -> str:
        for name in sorted(values, key=len, reverse=True):
            text = text.replace(name, values[name])[:100_000]
        return text

    body = node.body and tuple(_with_values(one, values) for one in node.body)
    return replace(node, args=tuple(map(put, node.args)), body=body)


def _holds(asked: str) -> bool:
    """Whether `<IfVersion>` may hold for the versions in use, 2.4 and later."""
    match = _VERSION.search(asked)
    if match is None:
        return True
    version = (int(match[2]), int(match[3] or 0))
    if "!" in asked.partition(match[2])[0]:
        return True
    match match[1]:
        case "<":
            return version > _NEWEST
        case "<=" | "=" | "==" | None:
            return version >= _NEWEST
        case _:
            return True
