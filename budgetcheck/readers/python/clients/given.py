"""What the arguments of a client's constructor or call say about its settings, for several libraries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from budgetcheck.model.settings import Known, Setting
from budgetcheck.model.span import Span
from budgetcheck.readers.python.values import Args, Made, Plain, PyValue, setting, unresolved

HIDDEN = "it may be given by * or **"
MADE_ELSEWHERE = "the client is made elsewhere"
CALLERS_CLIENT = "let the code show where the client is made, or give the limit at the call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """An argument that sets something.

    Attributes:
        name: of the argument; `position` from 0 where it may be given without its name.
        setting: in the words of the facts. `scale` multiplies numbers where the facts count in another unit.
    """

    name: str
    setting: str
    position: int | None = None
    scale: int = 1


def given(args: Args, parameters: Sequence[Parameter]) -> tuple[Setting, ...]:
    """The settings that arguments give, of several for one setting the first.

    What may hide behind a `**x` is unresolved: it must not be taken for a default.
    """
    found: dict[str, Setting] = {}
    for parameter in parameters:
        value = args.get(parameter.name, parameter.position)
        if value is not None:
            found.setdefault(parameter.setting, setting(parameter.setting, value, scale=parameter.scale))
    if args.open:
        for parameter in parameters:
            hidden = setting(parameter.setting, unresolved(HIDDEN, args.span))
            found.setdefault(parameter.setting, hidden)
    return tuple(found.values())


def not_known(names: Iterable[str], span: Span, reason: str = MADE_ELSEWHERE) -> tuple[Setting, ...]:
    """Settings of a client of which only the type is known."""
    return tuple(setting(name, unresolved(reason, span, needs=CALLERS_CLIENT)) for name in names)


def none_at(name: str, spans: tuple[Span, ...]) -> Setting:
    """A setting that is None because something else is given."""
    return Setting(name=name, value=Known(value=None), spans=spans)


def is_true(value: PyValue | None) -> bool:
    """A known value that counts as true."""
    return isinstance(value, Plain) and isinstance(value.value, Known) and bool(value.value.value)


def last_part(name: str) -> str:
    """`retry` of `redis.asyncio.retry`."""
    return name.rpartition(".")[2]


def made_by(value: PyValue | None, package: str, *names: str) -> Made | None:
    """The value, if it is what a class of a package makes, however deep it is imported from."""
    if not isinstance(value, Made) or value.callee.split(".")[0] != package:
        return None
    return value if last_part(value.callee) in names else None


def first_number(settings: Iterable[Setting], name: str) -> int | float | None:
    """The known number of a setting."""
    return next(_numbers(one for one in settings if one.name == name), None)


def _numbers(settings: Iterable[Setting]) -> Iterator[int | float]:
    for one in settings:
        known = one.value.value if isinstance(one.value, Known) else None
        if isinstance(known, int | float) and not isinstance(known, bool):
            yield known
