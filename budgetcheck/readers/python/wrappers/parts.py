"""What the wrappers of several libraries share: settings that are put together, filters on exceptions."""

from dataclasses import dataclass, field

from budgetcheck.model.settings import Known, Setting
from budgetcheck.model.span import Span
from budgetcheck.readers.python.calls import seconds
from budgetcheck.readers.python.values import (
    Args,
    Caught,
    Items,
    Made,
    Named,
    Plain,
    PyValue,
    Wrapper,
    setting,
    unresolved,
)

Number = int | float


@dataclass(slots=True, kw_only=True)
class Parts:
    """The settings and traits of one wrapper, as far as they have been read. `span`: where it stands."""

    span: Span
    settings: dict[str, Setting] = field(default_factory=dict)
    traits: dict[str, str] = field(default_factory=dict)

    def give(self, name: str, value: PyValue | Number | None) -> None:
        """Sets what an argument gives (None: it is not given), or a number the library itself gives."""
        if isinstance(value, int | float):
            self.settings[name] = Setting(name=name, value=Known(value=value), spans=(self.span,))
        elif value is not None:
            self.settings[name] = setting(name, in_seconds(value))

    def least(self, name: str, value: PyValue) -> None:
        """One more bound of the same kind: the smaller one holds."""
        found = setting(name, in_seconds(value))
        known = self.settings.get(name)
        if known is None or _size(found) < _size(known):
            self.settings[name] = found

    def scaled(self, name: str, value: PyValue | None, factor: float) -> None:
        """Sets a number that the library counts in another unit."""
        number = number_of(value)
        if value is None or number is None:
            self.give(name, value)
            return
        scaled = number * factor
        whole = int(scaled) if scaled == int(scaled) else scaled
        self.settings[name] = Setting(name=name, value=Known(value=whole), spans=value.spans)

    def unread(self, name: str, why: str, span: Span | None = None) -> None:
        """A part that could not be followed."""
        self.settings[name] = setting(name, unresolved(why, span or self.span, needs="write it with numbers"))

    def wrapper(
        self, component: str, counts: str, caught: tuple[Caught, ...] = (), version_of: str = ""
    ) -> Wrapper:
        """The retry that they make."""
        return Wrapper(
            component=component,
            kind="retry",
            span=self.span,
            settings=tuple(self.settings[name] for name in sorted(self.settings)),
            traits=tuple(sorted(self.traits.items())),
            version_of=version_of or component,
            counts=counts,
            caught=caught,
        )


def in_seconds(value: PyValue) -> PyValue:
    """The seconds of a `timedelta`; everything else as it is."""
    is_duration = isinstance(value, Made) and value.callee in ("datetime.timedelta", "timedelta")
    return seconds(value) if is_duration and isinstance(value, Made) else value


def number_of(value: PyValue | None) -> Number | None:
    """The number that a value is known to be."""
    plain = in_seconds(value) if value is not None else None
    known = plain.known if isinstance(plain, Plain) else None
    return known if isinstance(known, int | float) and not isinstance(known, bool) else None


def last_of(value: PyValue | None) -> str:
    """The last part of the name of what was made or is named: `stop_after_attempt`; empty for the rest."""
    name = value.callee if isinstance(value, Made) else value.name if isinstance(value, Named) else ""
    return name.rpartition(".")[2]


def args_of(value: PyValue | None, span: Span) -> Args:
    """The arguments that something was made with."""
    return value.args if isinstance(value, Made) else Args(span=span)


def missing(span: Span) -> Plain:
    """An argument that must be there and is not."""
    return unresolved("its argument is missing", span, needs="write it")


def caught_by(value: PyValue, *, but_these: bool = False) -> Caught:
    """The exceptions that an argument names: a class or several."""
    kinds = value.items if isinstance(value, Items) else (value,)
    names = tuple(kind.name if isinstance(kind, Named) else "" for kind in kinds)
    return Caught(names=names, but_these=but_these)


def is_none(value: PyValue | None) -> bool:
    """An explicit None."""
    return isinstance(value, Plain) and value.value == Known(value=None)


def named(value: PyValue | None) -> str:
    """Full name of something that is not called; empty for the rest."""
    return value.name if isinstance(value, Named) else ""


NOTHING_KNOWN = Caught(names=("",))
"""What is tried again after is decided by a function of the project."""


def _size(one: Setting) -> float:
    value = one.value.value if isinstance(one.value, Known) else None
    return float(value) if isinstance(value, int | float) else float("inf")
