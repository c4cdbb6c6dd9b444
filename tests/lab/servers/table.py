"""The servers' part of the lab's table."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from .agreement import faults, shown
from .case import Claim
from .cases import SERVERS
from .measure import Measurement
from .process import lacking, version
from .settle import measure_settled

_HEAD = f"{'server':<77} {'compared with':<26} {'predicted s':>12} {'measured s':>10}  agrees"
_SHOWN = ("gunicorn", "uvicorn", "uvicorn_worker", "hypercorn", "uwsgi", "node")


def print_servers(say: Callable[[str], None]) -> bool:
    """Measures and prints; True if everything that is installed agrees."""
    installed = [server for server in SERVERS if not lacking(server.needs)]
    with tempfile.TemporaryDirectory() as folder:
        measured = measure_settled(installed, Path(folder)).values()
    versions = ", ".join(f"{name} {version(name)}" for name in _SHOWN if not lacking((name,)))
    say(f"\n{versions or 'no application server is installed'}\n\n{_HEAD}\n{'-' * len(_HEAD)}")
    for one in measured:
        say(_line(one))
    agreeing = sum(not faults(one) for one in measured)
    say(f"\n{len(measured)} measurements: {agreeing} agree, {len(measured) - agreeing} disagree")
    for lack in sorted({lacking(server.needs) for server in SERVERS} - {""}):
        say(f"left out: {lack}")
    return agreeing == len(measured)


def _line(measured: Measurement) -> str:
    check, seconds = measured.check, measured.seen.seconds
    against = check.setting if check.claim is Claim.LIMIT else check.claim.value
    predicted = "at once" if check.claim is Claim.ABSENT else shown(measured.predicted)
    disagreeing = "; ".join(faults(measured))
    verdict = f"NO: {disagreeing}" if disagreeing else f"yes: {check.why_late}" if check.why_late else "yes"
    return f"{measured.name:<77} {against:<26} {predicted:>12} {seconds:>10.2f}  {verdict}"
