"""nginx directives that do not do what they look like (measured on nginx 1.22 and 1.31).

- a timeout of another family than the pass (`proxy_read_timeout` beside `fastcgi_pass`) is never read;
- `*_next_upstream_timeout` only stops new attempts: below one attempt it shortens nothing;
- `non_idempotent` without `timeout` does not repeat a request that hangs;
- `keepalive` of an upstream needs HTTP/1.1 towards it, which is the default from 1.29.7 on only.
"""

from collections.abc import Iterator

from budgetcheck.model.duration import show_duration
from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Declaration, Known, Problem, ProblemKind, Setting
from budgetcheck.resolve import values

_FAMILIES = ("proxy", "fastcgi", "uwsgi", "scgi", "grpc", "memcached")
_TIMES = ("connect_timeout", "send_timeout", "read_timeout", "next_upstream_timeout")
_DEFAULT_READ = 60_000


def nginx_effects(declaration: Declaration) -> Iterator[Problem]:
    """Problems of kind INEFFECTIVE of one location; what it inherits is judged where it is written."""
    family = declaration.trait("family")
    if declaration.trait("kind") == "stream":
        return
    yield from _other_family(declaration, family)
    yield from _gate_below_one_attempt(declaration, family)
    yield from _non_idempotent_alone(declaration, family)


def _other_family(declaration: Declaration, family: str) -> Iterator[Problem]:
    for setting in declaration.settings:
        other, _, name = setting.name.partition("_")
        written_here = setting.origin is Origin.WRITTEN
        if other in _FAMILIES and other != family and name in _TIMES and written_here:
            yield _problem(
                declaration,
                setting,
                f"has no effect on {family}_pass",
                f"Write {family}_{name} instead.",
            )


def _gate_below_one_attempt(declaration: Declaration, family: str) -> Iterator[Problem]:
    gate = declaration.setting(f"{family}_next_upstream_timeout")
    if gate is None or gate.origin is not Origin.WRITTEN:
        return
    limit, read = _time(gate), _time(declaration.setting(f"{family}_read_timeout"))
    attempt = _DEFAULT_READ if read is None else read
    if limit and limit < attempt:
        yield _problem(
            declaration,
            gate,
            f"{show_duration(limit)} does not shorten an attempt, which may take {show_duration(attempt)}; "
            "it only stops further ones",
            f"Set {family}_read_timeout to {show_duration(limit)}, or see it as a cap on retries.",
        )


def _non_idempotent_alone(declaration: Declaration, family: str) -> Iterator[Problem]:
    setting = declaration.setting(f"{family}_next_upstream")
    if setting is None or setting.origin is not Origin.WRITTEN or not isinstance(setting.value, Known):
        return
    words = str(setting.value.value).split()
    if words == ["non_idempotent"]:
        yield _problem(
            declaration,
            setting,
            "non_idempotent alone repeats nothing: it only widens `error` and `timeout` to POST",
            f"Write {family}_next_upstream error timeout non_idempotent, if a POST may be sent twice.",
        )


def _time(setting: Setting | None) -> int | None:
    if setting is None or not isinstance(setting.value, Known):
        return None
    try:
        return values.nginx_time(str(setting.value.value))
    except ValueError:
        return None


def _problem(declaration: Declaration, setting: Setting, text: str, fix: str) -> Problem:
    return Problem(
        span=setting.spans[0],
        text=f"{setting.name}: {text}",
        fix=fix,
        kind=ProblemKind.INEFFECTIVE,
        address=declaration.address,
        component=declaration.component,
        setting=setting.name,
        value_ms=_time(setting),
    )
