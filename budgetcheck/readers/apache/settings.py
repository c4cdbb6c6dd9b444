"""The times in force for one pass, as settings with their places.

`timeout=`, `ProxyTimeout`, `Timeout` and `retry=` are read up to the first character that is no digit:
`500ms` is 500 s and `1h` is 1 s (measured). `connectiontimeout=` and `KeepAliveTimeout` take units.
https://httpd.apache.org/docs/2.4/mod/mod_proxy.html, https://httpd.apache.org/docs/2.4/mod/core.html
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Known, OneOf, Problem, ProblemKind, Setting, Unresolved, Value
from budgetcheck.model.span import Span
from budgetcheck.readers.apache.expansion import Statement
from budgetcheck.readers.apache.lexing import is_filled_in
from budgetcheck.readers.apache.servers import Server
from budgetcheck.readers.apache.workers import Parameter, Worker

_DIGITS = re.compile(r"\s*\+?(\d{1,12})")
_WITH_UNIT = re.compile(r"(\d{1,12})(ms|s|mi\w*|h\w*|sec|second|seconds)?", re.IGNORECASE)
_PLAIN = re.compile(r"\d{1,12}")
_SECONDS = ("timeout", "proxytimeout", "ttl", "gracefulshutdowntimeout")
NAMES = {
    "timeout": "Timeout",
    "proxytimeout": "ProxyTimeout",
    "keepalivetimeout": "KeepAliveTimeout",
    "gracefulshutdowntimeout": "GracefulShutdownTimeout",
}
_OF_MAIN_FILE = OneOf(
    values=("60", "300"),
    reason="the main file is not among these files: httpd waits 60 s, "
    "Debian's and Ubuntu's apache2.conf says 300",
)
_IN_SERVERS = frozenset({"virtualhost", "macro"})
_NEEDS_DEFINE = "write the value, or `Define` it in these files"


def misplaced(statements: Sequence[Statement], section: str = "") -> Iterator[Problem]:
    """Times of whole servers in the section of a path, a file or a proxy: httpd refuses them (measured)."""
    for one in statements:
        if one.name in NAMES and (section or one.when.startswith("<")):
            where = section or one.when.partition(" ")[0]
            yield Problem(
                span=one.node.span,
                text=f"{NAMES[one.name]} is not allowed in {where}: httpd does not start",
                fix="write `timeout=` behind the URL of ProxyPass, or the directive in the virtual host",
                kind=ProblemKind.INVALID,
                component="apache",
                setting=NAMES[one.name],
            )
        elif one.body is not None:
            inner = section if one.name in _IN_SERVERS else f"<{one.node.written}>"
            yield from misplaced(one.body, inner)


@dataclass(slots=True)
class Settings:
    """Makes settings and notes what is wrong with their values.

    `unknown_main_file`: nobody knows what the main file says of what is not written here.
    """

    problems: list[Problem]
    unknown_main_file: bool = False

    def of_server(self, server: Server, before: Statement) -> Iterator[Setting]:
        """The directives in force; `before` is the pass, since the `ProxyTimeout` above it counts."""
        for name in ("proxytimeout", "timeout", "keepalivetimeout", "gracefulshutdowntimeout"):
            written, inherited = server.in_force(name)
            if not written and name == "timeout" and self.unknown_main_file:
                section = server.section or before
                yield Setting(
                    name="Timeout", value=_OF_MAIN_FILE, spans=(section.node.span,), label="Timeout"
                )
            if not written:
                continue
            one = _above(written, server, before) if name == "proxytimeout" else written[-1]
            yield self._directive(one, name, inherited=inherited)
        alive, _ = server.in_force("keepalive")
        if alive and alive[-1].args[0].lower() == "off":
            span = alive[-1].node.span
            yield Setting(name="KeepAliveTimeout", value=Known(value="0"), spans=(span,), label="KeepAlive")

    def of_worker(self, worker: Worker | None) -> Iterator[Setting]:
        """The parameters of one worker."""
        for name in ("timeout", "connectiontimeout", "ttl", "acquire"):
            parameter = worker.parameters.get(name) if worker else None
            if parameter is not None:
                yield self.parameter(name, parameter)

    def of_members(self, members: Sequence[Worker]) -> Iterator[Setting]:
        """The parameters of the members of a balancer; of several values all, as any of them may count."""
        for name in ("timeout", "connectiontimeout", "ttl", "acquire"):
            found = [self.parameter(name, one.parameters[name]) for one in members if name in one.parameters]
            if not found:
                continue
            values = list(dict.fromkeys(one.value for one in found))
            spans = tuple(dict.fromkeys(span for one in found for span in one.spans))
            if len(values) == 1 and len(found) == len(members):
                yield found[0]
                continue
            reason = "the members of the balancer differ in it"
            known = tuple(value.value for value in values if isinstance(value, Known))
            if len(known) == len(values) == len(found) and len(found) == len(members):
                yield Setting(name=name, value=OneOf(values=known, reason=reason), spans=spans, label=name)
            else:
                unknown = Unresolved(reason=reason, needs="write it for every member")
                yield Setting(name=name, value=unknown, spans=spans, label=name)

    def parameter(self, name: str, parameter: Parameter, fact: str = "") -> Setting:
        """A `key=value` of a pass or member."""
        value = self._value(name, parameter.value, parameter.span, "")
        return Setting(name=fact or name, value=value, spans=(parameter.span, *parameter.steps), label=name)

    def _directive(self, one: Statement, name: str, *, inherited: bool) -> Setting:
        value = self._value(name, one.args[0], one.node.span, one.when)
        origin = Origin.INHERITED if inherited else Origin.WRITTEN
        shown = NAMES[name]
        return Setting(name=shown, value=value, spans=(one.node.span, *one.steps), origin=origin, label=shown)

    def _value(self, name: str, text: str, span: Span, when: str) -> Value:
        if is_filled_in(text):
            return Unresolved(reason="the environment or a template fills it in", needs=_NEEDS_DEFINE)
        if when:
            return Unresolved(reason=f"it counts only where {when}", needs="write it without a condition")
        if _PLAIN.fullmatch(text):
            return self._number(name, text, span)
        return self._whole_seconds(name, text, span) if name in _SECONDS else self._timed(name, text, span)

    def _number(self, name: str, text: str, span: Span) -> Value:
        positive = name in ("proxytimeout", "ttl", "connectiontimeout", "acquire") or "timeout=" in span.text
        if int(text) == 0 and positive:
            return self._refused(name, text, span, "must be at least 1")
        return Known(value=f"{text}ms" if name == "acquire" else text)

    def _whole_seconds(self, name: str, text: str, span: Span) -> Value:
        """What stands behind the digits is not looked at."""
        digits = _DIGITS.match(text)
        if digits is None or int(digits[1]) == 0:
            return self._refused(name, text, span, "is no number of seconds")
        number = int(digits[1])
        if text[digits.end() :].strip().lower() not in ("s", "sec", "seconds"):
            read = f"{_shown(name)} {text[:20]} is read as {number} s"
            self.problems.append(
                Problem(
                    span=span,
                    text=f"{read}: httpd does not look at what follows the digits",
                    fix="write whole seconds without a unit",
                    kind=ProblemKind.INVALID,
                    component="apache",
                    setting=_shown(name),
                    value_ms=number * 1000,
                )
            )
        return Known(value=str(number))

    def _timed(self, name: str, text: str, span: Span) -> Value:
        match = _WITH_UNIT.fullmatch(text)
        if match is None:
            return self._refused(name, text, span, "is no time")
        number, unit = int(match[1]), (match[2] or "").lower()
        if unit.startswith("mi"):
            return Known(value=f"{number * 60}s")
        if unit.startswith("h"):
            return Known(value=f"{number * 3600}s")
        return Known(value=f"{number}{'ms' if unit == 'ms' else 's'}")

    def _refused(self, name: str, text: str, span: Span, why: str) -> Value:
        shown = _shown(name)
        self.problems.append(
            Problem(
                span=span,
                text=f"{shown} {text[:20]} {why}: httpd does not start",
                fix=f"write a number of seconds, such as {shown}{'=' if shown.islower() else ' '}60",
                kind=ProblemKind.INVALID,
                component="apache",
                setting=shown,
            )
        )
        return Unresolved(reason=f"{shown} is not valid", needs="a number of seconds")


def _above(written: Sequence[Statement], server: Server, before: Statement) -> Statement:
    """The one in force where the pass stands: the last before it, else the last of all (measured)."""
    at = server.place_of(before)
    if at is None:
        return written[-1]
    above = [one for one in written if (place := server.place_of(one)) is not None and place < at]
    return above[-1] if above else written[-1]


def _shown(name: str) -> str:
    return NAMES.get(name, name)
