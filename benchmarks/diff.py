"""What a difference of two states costs next to one check of the later one, whole processes.

Without arguments: samples many times over in one repository, and code whose reading takes long, each with one
small edit. With arguments: the last commits of these clones that touch files of the formats that are read.
Prints, for every change, seconds of a check and of a difference; fails if the median ratio of a repository is
above what is promised. Beside it stands the same ratio of processor time: where code has changed both states
are read at the same time, which needs a second processor.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST = 1.3
"""A difference may take this many times as long as a check."""
RUNS = 2
COMMITS = 4
_COPIES = 25
_READ = ("*.py", "*.tf", "*.conf", "*.yaml", "*.yml", "*.tfvars", "Dockerfile")
_COMMAND = (sys.executable, "-m", "budgetcheck")
_IDENTITY = ("-c", "user.name=budgetcheck", "-c", "user.email=budgetcheck@example.com")


def main(clones: Sequence[str]) -> int:
    """Measures, prints a table, and fails if a difference costs more than promised."""
    show("", "check", "diff", "ratio", "processor")
    if clones:
        medians = [of_history(Path(clone)) for clone in clones]
    else:
        with tempfile.TemporaryDirectory() as folder:
            medians = [of_edits(name, Path(folder) / name, edits) for name, edits in made(Path(folder))]
    return 0 if max(medians) <= MOST else 1


def made(folder: Path) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Repositories by name, each with edits: a file, what is replaced in it and by what."""
    for name, number in (("llm-assistant", 1), ("samples", _COPIES)):
        place = folder / name
        for copy in range(number):
            shutil.copytree(ROOT / "samples" / "llm-assistant", place / f"system-{copy}")
        proxy = ("system-0/infra/nginx/nginx.conf", "proxy_read_timeout  30s", "proxy_read_timeout  29s")
        yield name, [proxy, ("system-0/app.yaml", "timeout: 30s", "timeout: 31s")]
    place = folder / "services"
    for copy in range(_COPIES):
        shutil.copytree(ROOT / "samples" / "agent-service", place / f"service-{copy}")
    limits = ("service-0/nginx/nginx.conf", "timeout", "timeout ")
    yield "services", [limits, *(("service-0/" + name, "30", "31") for name in python_file(place))]


def python_file(place: Path) -> list[str]:
    """A source file of the first copy that holds the number to change."""
    first = place / "service-0"
    files = (path for path in sorted(first.rglob("*.py")) if "30" in path.read_text(encoding="utf-8"))
    return [path.relative_to(first).as_posix() for path in files][:1]


def of_edits(name: str, place: Path, edits: Sequence[tuple[str, str, str]]) -> float:
    """The median ratio of some edits of a repository, each against its only commit."""
    git(place, "init", "-q")
    git(place, "add", ".")
    git(place, *_IDENTITY, "commit", "-q", "-m", "base")
    check = fastest(lambda: checked(place))
    ratios = []
    for file, old, new in edits:
        path = place / file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(old, new), encoding="utf-8")
        ratios.append(measure(f"{name} {Path(file).name}", place, "HEAD", check))
        path.write_text(text, encoding="utf-8")
    return statistics.median(ratios)


def of_history(clone: Path) -> float:
    """The median ratio of the last commits of a clone that touch files that are read."""
    listed = git(clone, "log", "--first-parent", f"-{COMMITS}", "--format=%H", "--", *_READ).split()
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / clone.name
        git(clone, "clone", "-q", "--shared", "--no-checkout", str(clone), str(place))
        for commit in listed:
            git(place, "checkout", "-q", "--force", "--detach", commit)
            label = f"{clone.parent.name[:24]} {commit[:7]}"
            ratios.append(measure(label, place, "HEAD^", fastest(lambda: checked(place))))
    show(clone.parent.name[:31], "", "median", f"{statistics.median(ratios):.2f}", f"max {max(ratios):.2f}")
    return statistics.median(ratios)


def measure(label: str, place: Path, base: str, check: tuple[float, float]) -> float:
    """Prints a line; returns how many times a check a difference takes."""
    diff = fastest(lambda: ended([*_COMMAND, "diff", base, "--format", "json"], place))
    ratio = diff[0] / check[0]
    show(label, f"{check[0]:.2f} s", f"{diff[0]:.2f} s", f"{ratio:.2f}", f"{diff[1] / check[1]:.2f}")
    return ratio


def checked(place: Path) -> None:
    """One check of everything."""
    ended([*_COMMAND, ".", "--format", "json"], place)


def fastest(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds of the fastest of some runs, and the least processor time of its processes."""
    seconds, used = [], []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(seconds), min(used)


def ended(command: Sequence[str], place: Path) -> None:
    """Runs a command to its end; it must not fail, whatever it finds."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, check=False)
    if done.returncode == 2:
        raise SystemExit(done.stderr.decode(errors="replace"))


def git(place: Path, *arguments: str) -> str:
    """The answer of git."""
    return subprocess.check_output(["git", *arguments], cwd=place, text=True, stderr=subprocess.DEVNULL)


def show(*cells: str) -> None:
    """One line of the table."""
    print(f"{cells[0]:<34}{''.join(f'{cell:>10}' for cell in cells[1:])}".rstrip(), flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
