"""Two pieces of work at the same time give what they give one after the other; also whole comparisons."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from budgetcheck import compare_runs, side_by_side
from budgetcheck.render.difference import render_json
from budgetcheck.run import RunSettings

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
forks = pytest.mark.skipif(
    not side_by_side.possible(), reason="needs a second processor, and copies of a process"
)


@forks
def test_both_results_and_two_processes() -> None:
    here, there = side_by_side.side_by_side(os.getpid, lambda: (os.getpid(), "x" * 1_000_000))
    assert here == os.getpid()
    assert there[0] != here
    assert len(there[1]) == 1_000_000


@forks
def test_what_fails_there_is_raised_here() -> None:
    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        side_by_side.side_by_side(os.getpid, fails)


@forks
def test_what_fails_here_ends_the_other() -> None:
    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        side_by_side.side_by_side(fails, threading.Event().wait)


@forks
def test_nothing_goes_on_where_the_original_was_killed(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, time\nfrom budgetcheck.side_by_side import side_by_side\n"
        "def there():\n pathlib.Path('there').write_text(str(os.getpid()))\n time.sleep(60)\n"
        "def here():\n while not pathlib.Path('there').exists() or not pathlib.Path('there').read_text():\n"
        "  time.sleep(0.01)\n os.kill(os.getpid(), 9)\n"
        "side_by_side(here, there)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False, timeout=20)
    child = Path("/proc") / (tmp_path / "there").read_text()
    for _ in range(200):
        if not child.exists() or "Z" in (child / "stat").read_text().rpartition(")")[2][:3]:
            return
        time.sleep(0.02)
    pytest.fail("the copy is still at work")


def test_not_beside_other_threads() -> None:
    """A copy holds the locks of threads that it does not have."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert not side_by_side.possible()
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize(
    ("quota", "most"), [("max 100000", None), ("100000 100000", 1.0), ("150000 100000", 1.5), ("x", None)]
)
def test_share_of_a_container_counts(
    quota: str, most: float | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    monkeypatch.setattr(side_by_side, "_QUOTA", tmp_path / "nothing")
    bound = side_by_side._processors()
    monkeypatch.setattr(side_by_side, "_QUOTA", tmp_path / "cpu.max")
    assert side_by_side._processors() == (bound if most is None else min(bound, most))


@forks
@pytest.mark.parametrize("sample", ["agent-service", "compose-stack", "kubernetes-python"])
def test_comparison_is_the_same(sample: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("old", "new"):
        shutil.copytree(SAMPLES / sample, tmp_path / name / "tree")
    for path in (tmp_path / "new").rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            path.write_text(re.sub(r"(timeout\D{0,12})\d+", r"\g<1>7", text), encoding="utf-8")
    found = []
    for much in (0, 1_000_000):
        monkeypatch.setattr(compare_runs, "_MUCH", much)
        one = compare_runs.compare_directories(
            tmp_path / "old" / "tree", tmp_path / "new" / "tree", settings=RunSettings()
        )
        found.append(one)
    assert found[0] == found[1]
    assert render_json(found[0]) == render_json(found[1])
    assert found[0].settings or found[0].routes or found[0].new
