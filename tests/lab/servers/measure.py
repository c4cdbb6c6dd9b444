"""Runs all servers at the same time and takes their measurements, beside budgetcheck's numbers."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from budgetcheck.model.bound import Bound, Extended
from budgetcheck.model.limits import Limit
from budgetcheck.model.report import HopReport
from budgetcheck.model.topology import MethodClass

from ..nginx.predict import check
from ..nginx.process import free_address
from . import process
from .case import Check, Claim, Server
from .clocks import Running, Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One check: what was seen, and what budgetcheck says.

    `predicted` are the seconds budgetcheck takes for possible, None among them for no end; `limit` is the
    limit they are of. `fault` says why there is no prediction.
    """

    server: Server
    check: Check
    seen: Seen
    predicted: tuple[float | None, ...] = ()
    limit: Limit | None = None
    fault: str = ""
    repeated: bool = False

    @property
    def name(self) -> str:
        return named(self.server, self.check)


def named(server: Server, check: Check) -> str:
    """What tests and tables call a check."""
    return f"{server.name}: {check.what}"


def measure(servers: Sequence[Server], folder: Path) -> list[Measurement]:
    """Measurements of servers whose components are installed. Each gets a directory below `folder`."""
    return asyncio.run(_measure_all(servers, folder))


def again(measured: Measurement, folder: Path) -> Measurement:
    """The same check once more, alone."""
    (one,) = measure([replace(measured.server, checks=(measured.check,))], folder)
    return replace(one, server=measured.server, repeated=True)


async def _measure_all(servers: Sequence[Server], folder: Path) -> list[Measurement]:
    """All answer before the first clock runs: starting many interpreters keeps a machine busy."""
    outcomes = await asyncio.gather(*[_set_up(one, folder) for one in servers], return_exceptions=True)
    stages = [outcome for outcome in outcomes if isinstance(outcome, Running)]
    try:
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        hops = [_hop(one, stage) for one, stage in zip(servers, stages, strict=True)]
        seen = await asyncio.gather(*map(_in_turn, servers, stages))
    finally:
        await asyncio.gather(*[process.stop(stage.process) for stage in stages])
    return [
        _beside(one, check, moment, hop)
        for one, hop, moments in zip(servers, hops, seen, strict=True)
        for check, moment in zip(one.checks, moments, strict=True)
    ]


async def _set_up(server: Server, folder: Path) -> Running:
    place = folder / re.sub(r"[^a-z0-9]+", "-", server.name.lower()).strip("-")
    place.mkdir(parents=True)
    host, port = free_address()
    write(server.files, place, host, port)
    running = await process.start(place, server.start, (host, port))
    return Running(folder=place, host=host, port=port, process=running)


def write(files: Sequence[tuple[str, str]], folder: Path, host: str, port: int) -> None:
    """Writes files with the server's address put in."""
    values = {"address": f"{host}:{port}", "host": host, "port": str(port)}
    for name, text in files:
        (folder / name).write_text(re.sub(r"<(address|host|port)>", lambda found: values[found[1]], text))


async def _in_turn(server: Server, stage: Running) -> list[Seen]:
    return [await check.clock(stage) for check in server.checks]


def _hop(server: Server, stage: Running) -> HopReport:
    """The server's hop; raises LookupError where budgetcheck does not find exactly one."""
    report = check(stage.folder)
    found = {
        shown.hop.address: shown
        for route in report.routes
        for shown in route.hops
        if shown.hop.component == server.component
    }
    if len(found) != 1:
        said = [f"{finding.rule} {finding.message}" for finding in report.findings]
        raise LookupError(f"{server.name}: {len(found)} hops of {server.component}; findings: {said}")
    return found.popitem()[1]


def _beside(server: Server, check: Check, seen: Seen, hop: HopReport) -> Measurement:
    bare = Measurement(server=server, check=check, seen=seen)
    if check.claim is Claim.HANG:
        hang = hop.worst_case[MethodClass.IDEMPOTENT].hang
        values = (None,) if hang.high is None else _values(hang)  # no end: what the code does decides
        return replace(bare, predicted=tuple(_seconds(value) for value in values))
    limits = [limit for limit in hop.hop.limits if limit.meaning is check.meaning]
    if check.claim is Claim.ABSENT:
        shown = ", ".join(f"{limit.setting} {limit.bound}" for limit in limits)
        return replace(bare, fault=f"budgetcheck has limits: {shown}") if limits else bare
    fitting = [limit for limit in limits if limit.setting == check.setting]
    if len(fitting) != 1:
        return replace(bare, fault=f"budgetcheck has {len(fitting)} limits {check.setting} of that meaning")
    values = _values(fitting[0].bound)
    return replace(bare, limit=fitting[0], predicted=tuple(_seconds(value) for value in values))


def _values(bound: Bound) -> tuple[Extended, ...]:
    return bound.choices or ((bound.low,) if bound.exact else ())


def _seconds(milliseconds: Extended) -> float | None:
    return None if milliseconds is None else milliseconds / 1_000
