"""How long a large nginx file takes: 10,000 locations in 200 servers, stage by stage and as a whole process.

Reading and resolving are held against crossplane's own parse of the same text, and their memory against a
bound. Seconds are processor time of the fastest of three runs.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

SERVERS, LOCATIONS = 200, 50
MOST_RATIO = 2.5
"""Reading and resolving may take this many times as long as `crossplane.parse`."""
MOST_MEGABYTES = 120
"""Peak memory of a process that reads and resolves."""

_T = TypeVar("_T")


def main() -> int:
    """Measures, prints a table, and fails if a promise is broken."""
    if sys.argv[1:2] == ["--memory"]:
        read_and_resolve(Path(sys.argv[2]))
        print(peak_megabytes())  # noqa: T201 - this is its output
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nginx.conf"
        path.write_text(configuration(), encoding="utf-8")
        # Whole processes first: Linux counts the memory of whoever starts a process as the new one's peak.
        megabytes = measure_memory(path)
        measure_process(path)
        ratio = measure_stages(path)
    return 0 if ratio <= MOST_RATIO and megabytes <= MOST_MEGABYTES else 1


def configuration() -> str:
    """Prefix and regex locations, settings of their own and inherited ones, an upstream per server."""
    lines = ["events {}", "http {", "    proxy_read_timeout 45s;", "    proxy_connect_timeout 3s;"]
    for number in range(SERVERS):
        lines.append(
            f"    upstream up{number} {{ server 10.0.{number}.1:8080; server 10.0.{number}.2:8080; }}"
        )
        lines += ["    server {", "        listen 80;", f"        server_name s{number}.example.com;"]
        for place in range(LOCATIONS):
            pattern = f"~ ^/r{place}/[a-z]+$" if place % 10 == 9 else f"/path{place}/"
            own = f"proxy_read_timeout {10 + place}s;" if place % 2 == 0 else "proxy_buffering off;"
            lines += [
                f"        location {pattern} {{",
                f"            proxy_pass http://up{number};",
                "            proxy_set_header Host $host;",
                f"            {own}",
                "        }",
            ]
        lines.append("    }")
    return "\n".join([*lines, "}"])


def measure_memory(path: Path) -> int:
    """Prints and returns the peak memory, in megabytes, of a process that only reads and resolves."""
    megabytes = int(subprocess.check_output([sys.executable, __file__, "--memory", str(path)]))
    show("peak of reading and resolving", f"{megabytes} MB", f"at most {MOST_MEGABYTES} MB")
    return megabytes


def measure_process(path: Path) -> None:
    """Prints what the command line takes for a JSON report."""
    command = [sys.executable, "-m", "budgetcheck", str(path), "--format", "json", "--output", "/dev/null"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    show("whole process, JSON report", f"{taken:.2f} s", f"peak {after.ru_maxrss // 1024} MB")


def measure_stages(path: Path) -> float:
    """Prints what each stage takes; returns the ratio that is promised."""
    import crossplane

    from budgetcheck.assess import assess
    from budgetcheck.garbage import collector_paused
    from budgetcheck.link import link
    from budgetcheck.run import Prepared, RunSettings, prepare, run

    def parse() -> object:
        return crossplane.parse(str(path), single=True, check_ctx=False, check_args=False)

    def read() -> Prepared:
        return prepare([path], cwd=path.parent, settings=RunSettings(no_config=True), tell=lambda _: None)

    with collector_paused():
        parsing, _ = fastest(parse)
        reading, prepared = fastest(read)
        resolving, resolution = fastest(lambda: prepared.resolved(""))
        linking, (_, routes) = fastest(lambda: link(resolution.hops, prepared.options))
        assessing, _ = fastest(lambda: [assess(route) for route in routes])
        whole, _ = fastest(lambda: run([path], cwd=path.parent, settings=RunSettings(no_config=True)))
    ratio = (reading + resolving) / parsing
    show("crossplane.parse", f"{parsing:.2f} s")
    show("reading", f"{reading:.2f} s")
    show("resolving", f"{resolving:.2f} s", f"with reading {ratio:.2f} x crossplane, at most {MOST_RATIO} x")
    show("linking", f"{linking:.2f} s", f"{len(routes)} routes")
    show("assessing", f"{assessing:.2f} s")
    show("all stages and the rules", f"{whole:.2f} s")
    return ratio


def read_and_resolve(path: Path) -> None:
    """The two stages alone, for a process whose memory is looked at."""
    from budgetcheck.run import RunSettings, prepare

    settings = RunSettings(no_config=True)
    prepare([path], cwd=path.parent, settings=settings, tell=lambda _: None).resolved("")


def peak_megabytes() -> int:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def fastest(work: Callable[[], _T]) -> tuple[float, _T]:
    """Seconds of processor time of the best of three runs, and the result of the last."""
    times = []
    for _ in range(3):
        started = time.process_time()
        result = work()
        times.append(time.process_time() - started)
    return min(times), result


def show(label: str, value: str, remark: str = "") -> None:
    """One line of the table."""
    print(f"{label:<32}{value:>10}  {remark}".rstrip())  # noqa: T201 - this is its output


if __name__ == "__main__":
    sys.exit(main())
