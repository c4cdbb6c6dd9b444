"""Prints the client lab: predicted against measured attempts and seconds of real libraries."""

import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .agreement import disagreements
from .case import Case
from .cases import CASES
from .measure import Measured, measure, measure_again
from .predict import Prediction, predict
from .test_clients import installed

_HEAD = f"{'case':<50} {'library':<24} {'predicted s':>11} {'measured s':>10} {'requests':>9}  agrees"


def print_clients(say: Callable[[str], None]) -> bool:
    """True if every installed library does what is predicted."""
    cases = [case for case in CASES if installed(case)]
    say(f"\nclient libraries\n\n{_HEAD}\n{'-' * len(_HEAD)}")
    agreeing = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        measured = measure(cases, folder)
        for number, case in enumerate(cases):
            predicted = predict(case, folder / str(number))
            found = measured[case.name]
            if disagreements(case, predicted, found):
                found = measure_again(case, folder)
            faults = disagreements(case, predicted, found)
            agreeing += not faults
            say(_line(case, predicted, found, "; ".join(faults)))
    say(f"\n{len(cases)} cases: {agreeing} agree, {len(CASES) - len(cases)} left out for want of a library")
    return agreeing == len(cases)


def _line(case: Case, predicted: Prediction, measured: Measured, fault: str) -> str:
    bound = predicted.strict if case.strict else predicted.hang
    seconds = "no end" if bound.unlimited else "-" if bound.value is None else f"{bound.value / 1_000:.2f}"
    requests = f"{measured.requests} of {predicted.attempts.value}" if case.counts else "-"
    took = "no end" if case.unlimited and not fault else f"{measured.seconds:.2f}"
    verdict = f"NO: {fault}" if fault else "yes"
    return f"{case.name:<50} {_versions(case):<24} {seconds:>11} {took:>10} {requests:>9}  {verdict}"


def _versions(case: Case) -> str:
    names = []
    for need in case.needs[:1]:
        name = need.replace("_", "-").replace("google.genai", "google-genai").replace("grpc", "grpcio")
        try:
            names.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            names.append(name)
    return ", ".join(names)
