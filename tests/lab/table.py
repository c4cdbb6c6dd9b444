"""Prints the tables of the lab: `python -m tests.lab.table [--random N] [--seed N]`."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from budgetcheck.model.bound import Bound

from .clients.table import print_clients
from .nginx import process
from .nginx.agreement import compare
from .nginx.case import Claim
from .nginx.cases import CASES
from .nginx.generate import generated
from .nginx.measure import Measurement
from .nginx.settle import measure_settled
from .servers.table import print_servers

_HEAD = f"{'case':<62} {'compared with':<14} {'predicted s':>12} {'measured s':>10} {'attempts':>14}  agrees"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if everything agrees or is a known deviation, 1 if not, 2 without nginx."""
    parser = argparse.ArgumentParser(description="Predicted and measured waits of real components.")
    parser.add_argument("--random", type=int, default=40, help="generated configurations (default 40)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    nginx = process.installed()
    if nginx is None:
        sys.stderr.write("nginx is not installed (Debian: nginx and libnginx-mod-stream)\n")
        return 2
    every = (*CASES, *generated(options.seed, options.random))
    cases = [case for case in every if nginx.stream is not None or not case.stream]
    with tempfile.TemporaryDirectory() as folder:
        measured = measure_settled(cases, Path(folder))
    _say(f"nginx {nginx.version}\n\n{_HEAD}\n{'-' * len(_HEAD)}")
    for one in measured.values():
        _say(_line(one))
    closing = _closing(tuple(measured.values()), left_out=len(every) - len(cases))
    agree = [print_servers(_say), print_clients(_say)]
    return closing if all(agree) else 1


def _line(measured: Measurement) -> str:
    case, prediction = measured.case, measured.prediction
    agreement = compare(measured)
    seconds = attempts = "-"
    if prediction:
        seconds = _shown(prediction.strict if case.claim is Claim.STRICT else prediction.hang, 1_000)
        attempts = f"{sum(measured.attempts)} of {_shown(prediction.attempts)}"
    verdict = "yes" if agreement.agrees else "known: " if case.deviates else "NO: "
    reason = "" if agreement.agrees else case.deviates or "; ".join(agreement.faults)
    return (
        f"{case.name:<62} {case.claim.value:<14} {seconds:>12} {measured.seconds:>10.2f} "
        f"{attempts:>14}  {verdict}{reason}"
    )


def _closing(measured: Sequence[Measurement], left_out: int) -> int:
    found = [(one, compare(one)) for one in measured]
    agreeing = sum(agreement.agrees for _, agreement in found)
    known = sum(bool(one.case.deviates) and not agreement.agrees for one, agreement in found)
    exact = [
        abs(agreement.deviation)
        for one, agreement in found
        if one.case.claim is Claim.HANG and agreement.agrees and agreement.deviation is not None
    ]
    _say(
        f"\n{len(found)} cases: {agreeing} agree, {known} known deviations, "
        f"{len(found) - agreeing - known} disagree; {left_out} left out for want of a module"
    )
    if exact:
        _say(f"hang cases: {len(exact)}, largest difference {max(exact):.2f} s")
    again = sum(one.repeated for one in measured)
    if again:
        _say(f"measured a second time, alone: {again}")
    return 0 if agreeing + known == len(found) else 1


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _shown(bound: Bound, scale: int = 1) -> str:
    low, high = ("-" if value is None else f"{value / scale:g}" for value in (bound.low, bound.high))
    return low if bound.exact else f"{low} to {high}"


if __name__ == "__main__":
    sys.exit(main())
