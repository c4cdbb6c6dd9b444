"""The settings of calls and servers as the app document has them, with where each comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from budgetcheck import facts
from budgetcheck.facts import Component
from budgetcheck.model.duration import literal_duration, show_duration
from budgetcheck.model.inferred import Stated
from budgetcheck.model.limits import Count, Limit, Origin
from budgetcheck.model.settings import Declaration
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Hop, Layer
from budgetcheck.resolve import resolve

_PARTS = ("connect", "read", "write", "pool", "total")
_UNSTATED = "server"
_WORKERS = {
    "uvicorn": "uvicorn_worker.UvicornWorker",
    "gthread": "gthread",
    "gevent": "gevent",
    "eventlet": "eventlet",
    "tornado": "tornado",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a document that states nothing resolves to: only what differs from it is worth a line."""

    today: date
    overrides: Mapping[str, Component]

    def unstated(self, hop: Hop) -> Hop | None:
        """The same call with all settings left out."""
        declaration = Declaration(
            component=hop.component,
            address=hop.address,
            title=hop.title,
            span=hop.span,
            version=hop.version,
        )
        return next(iter(resolve([declaration], self.today, self.overrides).hops), None)


def why(spans: Sequence[Span], source: str = "") -> str:
    """Where a number comes from: its places, from use to literal, or whose default it is."""
    return " <- ".join(dict.fromkeys(span.place for span in spans)) or source


def call_settings(hop: Hop, trial: Trial) -> tuple[tuple[Stated, ...], tuple[str, ...]]:
    """What a call's document entry states of its limits and retries, and notes on what it cannot."""
    component = facts.find(hop.component)
    plain = trial.unstated(hop)
    if component is None or plain is None:
        return (), (f"nothing is known of {hop.component}",)
    usual = {limit.setting: limit for limit in plain.limits}
    stated: list[tuple[str, Limit]] = []
    notes: list[str] = []
    left = []
    for limit in hop.limits:
        known = usual.get(limit.setting)
        if not limit.bound.exact:
            notes.append(f"state {limit.setting}: its value is not known ({limit.bound.reason})")
        elif limit.origin is Origin.WRITTEN or known is None or known.bound != limit.bound:
            stated.append((limit.setting, limit))
        elif limit.of_answer:
            left.append(f"{limit.setting} {show_duration(limit.bound.value)}")
    retries, remark = _retries(hop, plain)
    if hop.retry.count is not None and not retries and not remark:
        left.append(f"{hop.retry.count.setting} {_setting_value(hop.retry.count)}")
    notes += [remark] if remark else []
    notes += [f"left to the client's defaults: {', '.join(left)}"] if left else []
    return (*_limits(stated, component), *retries), tuple(notes)


def _limits(stated: Sequence[tuple[str, Limit]], component: Component) -> list[Stated]:
    """One `timeout` where one number sets all its parts, else the parts, else settings by their own names."""
    aliased = [fact.setting for fact in component.limits if "timeout" in fact.aliases]
    values = {name: limit.bound for name, limit in stated}
    if aliased and set(aliased) <= values.keys() and len({values[name] for name in aliased}) == 1:
        first = next(limit for name, limit in stated if name == aliased[0])
        rest = [(name, limit) for name, limit in stated if name not in aliased]
        return [_stated("timeout", first), *_limits(rest, component)] if rest else [_stated("timeout", first)]
    parts = [
        (name.removeprefix("timeout."), limit)
        for name, limit in stated
        if name.startswith("timeout.") and name.removeprefix("timeout.") in _PARTS
    ]
    others = [_stated(name, limit) for name, limit in stated if name.removeprefix("timeout.") not in _PARTS]
    if not parts:
        return others
    return [Stated(key="timeout", parts=tuple(_stated(name, limit) for name, limit in parts)), *others]


def _stated(name: str, limit: Limit) -> Stated:
    value = limit.bound.value
    written = None if limit.bound.unlimited else literal_duration(value or 0)
    return Stated(key=name, value=written, why=why(limit.spans, limit.source))


def _retries(hop: Hop, plain: Hop) -> tuple[list[Stated], str]:
    """The number of tries where it is not the client's own default, or why it cannot be stated."""
    count, usual = hop.retry.count, plain.retry.count
    if count is None:
        return [], ""
    if not count.bound.exact and not count.bound.choices:
        return [], f"{count.setting} is not known: {count.bound.reason}"
    if count.written and count.bound.exact:
        return [Stated(key=count.setting, value=_setting_value(count), why=why(count.spans))], ""
    same = usual is not None and usual.bound == count.bound
    if same or not count.bound.exact:
        return [], "" if same else f"{count.setting} depends on something that is not known"
    return [Stated(key=count.setting, value=_setting_value(count), why=count.source)], ""


def _setting_value(count: Count) -> int | None:
    """The number in the words of the setting, which may count retries."""
    value = count.bound.value
    return None if value is None else value - count.retries


def server_settings(server: Hop) -> tuple[Stated, ...]:
    """What the document says of the server in front of the code; empty where that is no app server."""
    component = facts.find(server.component)
    if component is None or component.layer is not Layer.SERVER or component.name == _UNSTATED:
        return ()
    stated = [Stated(key="kind", value=component.name, why=server.span.place)]
    if server.version:
        stated.append(Stated(key="version", value=server.version))
    worker = _WORKERS.get(server.trait("worker_class"))
    if component.name == "gunicorn" and worker:
        stated.append(Stated(key="worker_class", value=worker))
    names = {fact.setting for fact in component.limits if not fact.fixed}
    written = [one for one in server.limits if one.written and one.bound.exact and one.setting in names]
    stated += [_stated(limit.setting, limit) for limit in written]
    port = next(iter((*server.front.ports, *server.front.default_ports)), 0)
    return (*stated, *((Stated(key="port", value=port),) if port else ()))
