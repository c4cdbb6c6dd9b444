"""Which hosts and request paths two neighbours have in common, and which of several rules takes a path."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from budgetcheck.model.topology import PathRule
from budgetcheck.regexes import search

_PARAMETER = re.compile(r"\{[^/{}]+\}|<[^/<>]+>|(?<=/):[^/]+")

ANY_PATH = PathRule(pattern="/", prefix="/")


def common_path(outer: PathRule, inner: PathRule) -> PathRule | None:
    """The narrower of two path rules where they can mean the same request; None where they cannot."""
    if inner.prefix.startswith(outer.prefix):
        if outer.exact and inner.prefix != outer.prefix:
            return None
        if outer.opaque and _never(outer, inner):
            return None
        return inner if len(inner.prefix) > len(outer.prefix) or inner.exact or inner.opaque else outer
    if outer.prefix.startswith(inner.prefix):
        if inner.exact or (inner.opaque and _never(inner, outer)):
            return None
        return outer
    return None


def examples(rule: PathRule) -> tuple[str, ...]:
    """Concrete paths that a rule matches; none for a regular expression or wildcard.

    A parameter of an application's route (`/items/{id}`) is tried as a number and as a word.
    """
    if rule.exact:
        return (rule.prefix,)
    if not rule.opaque:
        return ()
    filled = tuple(_PARAMETER.sub(value, rule.pattern) for value in ("1", "a"))
    return filled if filled[0] != rule.pattern and not set("*~^$") & set(filled[0]) else ()


def _never(pattern: PathRule, rule: PathRule) -> bool:
    """No concrete path of `rule` is one that the pattern takes."""
    paths = examples(rule)
    return bool(paths) and not any(takes(pattern, path) for path in paths)


def takes(rule: PathRule, path: str) -> bool:
    """Whether a rule matches one concrete path. A pattern that cannot be evaluated matches nothing."""
    if rule.exact:
        return path == rule.prefix
    if not path.startswith(rule.prefix):
        return False
    return not rule.opaque or _matches(rule.pattern, path)


class Rules:
    """Path rules that compete for requests, ready to tell which takes a path: there may be thousands."""

    def __init__(self, rules: Iterable[PathRule]) -> None:
        self._exact: dict[str, PathRule] = {}
        self._prefixes: dict[str, PathRule] = {}
        self._patterns: dict[str, list[tuple[int, PathRule]]] = {}
        for number, rule in enumerate(rules):
            if rule.exact:
                self._exact.setdefault(rule.prefix, rule)
            elif rule.opaque:
                self._patterns.setdefault(rule.prefix, []).append((number, rule))
            else:
                self._prefixes.setdefault(rule.prefix, rule)
        self._lengths = sorted({len(prefix) for prefix in self._prefixes}, reverse=True)
        self._pattern_lengths = sorted({len(prefix) for prefix in self._patterns})

    def chosen(self, path: str) -> PathRule | None:
        """The rule that serves a concrete path: exact, then regex in order, then longest prefix.

        nginx's `^~` keeps a prefix from being beaten by a regex; listener rules and routes have no regexes,
        so the same order serves them.
        """
        if path in self._exact:
            return self._exact[path]
        starts = (path[:length] for length in self._lengths if length <= len(path))
        longest = next((self._prefixes[start] for start in starts if start in self._prefixes), None)
        if longest is not None and longest.pattern.startswith("^~"):
            return longest
        return next((rule for _, rule in self._with_prefix_of(path) if takes(rule, path)), longest)

    def _with_prefix_of(self, path: str) -> list[tuple[int, PathRule]]:
        """The patterns whose literal beginning the path has, in the order of the rules."""
        found: list[tuple[int, PathRule]] = []
        for length in self._pattern_lengths:
            if length <= len(path):
                found += self._patterns.get(path[:length], ())
        return sorted(found, key=lambda entry: entry[0])


def chosen(rules: Sequence[PathRule], path: str) -> PathRule | None:
    """The rule among a few siblings that serves a concrete path, see `Rules`."""
    return Rules(rules).chosen(path)


def translate(path: PathRule, strip: str, replacement: str) -> PathRule | None:
    """The path as the next hop sees it after `strip` was replaced; None where that cannot be said."""
    if not strip:
        return path
    if not path.prefix.startswith(strip):
        # The rule is wider than what is replaced: everything below the replacement may arrive.
        return PathRule(pattern=replacement, prefix=replacement) if strip.startswith(path.prefix) else None
    moved = replacement + path.prefix.removeprefix(strip)
    if path.opaque:
        return PathRule(pattern=moved, prefix=moved)
    return PathRule(pattern=moved, prefix=moved, exact=path.exact)


def restore(path: PathRule, strip: str, replacement: str) -> PathRule:
    """The path as the outer hop saw it before `strip` was replaced by `replacement`."""
    if not strip or not path.prefix.startswith(replacement):
        return path
    moved = strip + path.prefix.removeprefix(replacement)
    return PathRule(
        pattern=moved + path.pattern.removeprefix(path.prefix) if path.opaque else moved,
        prefix=moved,
        exact=path.exact,
        opaque=path.opaque,
    )


def common_hosts(outer: Sequence[str], inner: Sequence[str]) -> tuple[str, ...] | None:
    """Host names both sides answer, the more specific spelling; () is any host; None is no common host."""
    if not outer:
        return tuple(inner)
    if not inner:
        return tuple(outer)
    found = [narrower for o in outer for i in inner if (narrower := _common_host(o, i))]
    return tuple(dict.fromkeys(found)) or None


def _common_host(left: str, right: str) -> str:
    left, right = left.lower(), right.lower()
    if left != right and not _is_pattern(left) and not _is_pattern(right):
        return ""
    if left == right or host_matches(left, right):
        return right
    return left if host_matches(right, left) else ""


def _is_pattern(host: str) -> bool:
    return host[:1] in ("~", ".") or "*" in host or "?" in host or "[" in host


def host_matches(pattern: str, host: str) -> bool:
    """A host name against `name`, `*.suffix`, `prefix.*`, `.suffix` or nginx's `~regex`."""
    if pattern.startswith("~"):
        return _search(pattern[1:].strip(), host, insensitive=True)
    pattern, host = pattern.lower(), host.lower()
    if pattern.startswith("."):
        return host == pattern[1:] or host.endswith(pattern)
    return fnmatchcase(host, pattern)


def _matches(pattern: str, path: str) -> bool:
    """A location regex (`~ expr`, `~* expr`) or a wildcard pattern (`/v1/*/items`) against a path."""
    if pattern.startswith("~"):
        insensitive = pattern.startswith("~*")
        return _search(pattern.lstrip("~*").strip(), path, insensitive=insensitive)
    # `{id}` and `:id` of application routes stand for one segment.
    literals = _PARAMETER.split(pattern)
    if len(literals) == 1:
        return fnmatchcase(path, pattern)
    parts = (".*".join(map(re.escape, literal.split("*"))) for literal in literals)
    return bool(search(f"^{'[^/]+'.join(parts)}\\Z", path))


def _search(expression: str, text: str, *, insensitive: bool = False) -> bool:
    """A PCRE of nginx evaluated by Python where that is bounded; otherwise it matches nothing."""
    return bool(search(expression.strip("\"'"), text, any_case=insensitive))
