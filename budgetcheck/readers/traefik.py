"""What routers of Traefik say wherever they are written: rules for hosts and paths.

https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/
"""

import re
from dataclasses import dataclass

from budgetcheck.model.topology import PathRule

COMPONENT = "traefik"

_MATCHER = re.compile(r"(!?)\s*\b(\w+)\(((?:[`'\"][^`'\"]*[`'\"]\s*,?\s*)*)\)")
_ARGUMENT = re.compile(r"[`'\"]([^`'\"]*)[`'\"]")
_LONGEST = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which requests a router takes. `redirects_only` is decided by its middlewares, not here."""

    hosts: tuple[str, ...] = ()
    paths: tuple[PathRule, ...] = ()
    methods: tuple[str, ...] = ()


def read_rule(written: str) -> Rule:
    """The hosts, paths and methods of a rule; what is not understood narrows nothing.

    Alternatives (`||`) are taken together, so a rule may be said to take more requests than it does.
    """
    hosts: list[str] = []
    paths: list[PathRule] = []
    methods: list[str] = []
    parts = written[:_LONGEST].split("||")
    for negated, name, arguments in _MATCHER.findall(written[:_LONGEST]):
        values = _ARGUMENT.findall(arguments)
        if negated:
            continue
        match name:
            case "Host" | "HostHeader":
                hosts += [value.lower() for value in values if value]
            case "Path":
                paths += [PathRule(pattern=value, prefix=value, exact=True) for value in values]
            case "PathPrefix":
                paths += [PathRule(pattern=value, prefix=value) for value in values]
            case "PathRegexp":
                paths += [PathRule(pattern=value, prefix="/", opaque=True) for value in values]
            case "Method":
                methods += values
            case _:
                continue
    # An alternative without a host or path takes requests for any.
    everywhere = len(parts) > 1
    return Rule(
        hosts=() if everywhere and not all("Host" in part for part in parts) else tuple(dict.fromkeys(hosts)),
        paths=() if everywhere and not all("Path" in part for part in parts) else tuple(dict.fromkeys(paths)),
        methods=() if everywhere else tuple(dict.fromkeys(methods)),
    )


def literal_hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    """The hosts that are written out: patterns and variables name none."""
    return tuple(host for host in hosts if re.fullmatch(r"[a-z0-9*.-]+", host))
