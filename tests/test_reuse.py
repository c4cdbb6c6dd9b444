"""What a second run takes from the first is what it would have read itself, whatever was edited."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from budgetcheck.model.report import Report
from budgetcheck.reuse import Reuse, names
from budgetcheck.run import RunSettings, run

_SAMPLES = Path(__file__).resolve().parent.parent / "samples"
_SEEDS = 8
"""Edited trees per sample."""
_TREES = (
    "agent-service",
    "api-gateway-lambda",
    "cloud-run-api",
    "compose-stack",
    "environments",
    "kubernetes-python",
    "kubernetes-stack",
    "shop",
    "unresolved-variable",
)
_SETTINGS = RunSettings()
_ADDED = {
    "notes.md": "# 30s\n",
    "logo.png": "not really a picture\n",
    "budgetcheck.toml": 'headroom = "5s"\n',
    ".env": "READ_TIMEOUT=7s\nTIMEOUT=7\n",
    "compose.override.yaml": "services:\n  web:\n    environment: {TIMEOUT: '7'}\n",
    "late.auto.tfvars": "timeout = 7\nidle_timeout = 7\nname = 7\n",
    "tests/test_it.py": "import httpx\nhttpx.get('http://app/', timeout=7)\n",
    "extra.py": "import httpx\nhttpx.get('http://app/', timeout=7)\n",
    "other.conf": "server { listen 81; location / { proxy_pass http://app:8000; proxy_read_timeout 7s; } }\n",
    "Dockerfile.other": "FROM python:3.12\nCMD gunicorn -t 7 app:app\n",
}
Edit = Callable[[Path, Random], None]


def chosen(root: Path, random: Random) -> Path:
    """A file of the tree."""
    return random.choice(sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink()))


def numbers_change(root: Path, random: Random) -> None:
    """Every second number or so of a file."""
    path = chosen(root, random)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r"\d+", lambda found: found[0] if random.random() < 0.5 else str(random.randrange(90)), text),
        encoding="utf-8",
    )


def line_goes(root: Path, random: Random) -> None:
    path = chosen(root, random)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    if lines:
        del lines[random.randrange(len(lines))]
    path.write_text("".join(lines), encoding="utf-8")


def begins_otherwise(root: Path, random: Random) -> None:
    """What a file is said to be is seen in its first lines."""
    path = chosen(root, random)
    beginnings = ["apiVersion: v1\nkind: Service\n", "services:\n  web: {image: x}\n", "import os\n", "\n"]
    path.write_text(random.choice(beginnings) + path.read_text(encoding="utf-8"), encoding="utf-8")


def file_comes(root: Path, random: Random) -> None:
    folders = sorted({root, *(path.parent for path in root.rglob("*") if path.is_file())})
    name, text = random.choice(sorted(_ADDED.items()))
    path = random.choice(folders) / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def file_goes(root: Path, random: Random) -> None:
    chosen(root, random).unlink()


def file_is_renamed(root: Path, random: Random) -> None:
    path = chosen(root, random)
    path.rename(path.with_name(random.choice([f"new-{path.name}", f"{path.name}.md", "README.md"])))


def folder_is_renamed(root: Path, random: Random) -> None:
    folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    if folders:
        folder = random.choice(folders)
        folder.rename(folder.with_name(f"{folder.name}-2"))


def link_takes_its_place(root: Path, random: Random) -> None:
    """To another file, to nowhere, or out of the tree."""
    path, other = chosen(root, random), chosen(root, random)
    path.unlink()
    path.symlink_to(random.choice([os.path.relpath(other, path.parent), "nowhere", "/etc/hostname"]))


def link_comes(root: Path, random: Random) -> None:
    """A folder is found a second time."""
    path = chosen(root, random)
    (path.parent / f"again-{random.random()}").symlink_to(os.path.relpath(path.parent, path.parent.parent))


EDITS: tuple[Edit, ...] = (
    numbers_change,
    numbers_change,
    line_goes,
    begins_otherwise,
    file_comes,
    file_comes,
    file_goes,
    file_is_renamed,
    folder_is_renamed,
    link_takes_its_place,
    link_comes,
)


def copied(sample: str, place: Path) -> Path:
    root = place / "tree"
    shutil.copytree(_SAMPLES / sample, root, ignore=shutil.ignore_patterns("expected.toml", "__pycache__"))
    (root / ".git").mkdir()
    return root


def checked(root: Path, reuse: Reuse | None = None) -> Report:
    return run([root], cwd=root, settings=_SETTINGS, reuse=reuse)


def both(old: Path, new: Path) -> tuple[Report, Report, list[str]]:
    """The reports of two trees, the second run with what the first has, and the readers that did not run."""
    reuse = Reuse(different=names(old) ^ names(new))
    later = checked(new, reuse)
    return checked(old, reuse), later, reuse.reused


@pytest.mark.parametrize("sample", _TREES)
def test_random_edits_give_what_two_runs_give(sample: str, tmp_path: Path) -> None:
    old = copied(sample, tmp_path / "old")
    before = checked(old)
    for seed in range(_SEEDS):
        random = Random(f"{sample} {seed}")
        new = copied(sample, tmp_path / str(seed))
        edits = random.choices(EDITS, k=random.choice([1, 1, 2]))
        for edit in edits:
            edit(new, random)
        made = f"{sample} {seed}: {', '.join(edit.__name__ for edit in edits)}"
        earlier, later, _ = both(old, new)
        assert earlier == before, made
        assert later == checked(new), made


def test_prose_makes_nobody_read_again(tmp_path: Path) -> None:
    """The property above would hold for a tool that takes nothing over."""
    old, new = copied("agent-service", tmp_path / "old"), copied("agent-service", tmp_path / "new")
    (new / "docs").mkdir()
    (new / "docs" / "README.md").write_text("Nothing that is read.\n", encoding="utf-8")
    _, _, reused = both(old, new)
    assert reused == ["processes", "nginx", "terraform", "python"]


def test_only_who_opened_a_file_reads_it_again(tmp_path: Path) -> None:
    old, new = copied("agent-service", tmp_path / "old"), copied("agent-service", tmp_path / "new")
    (path,) = (path for path in new.rglob("nginx.conf*"))
    path.write_text(path.read_text(encoding="utf-8").replace("proxy_read_timeout", "proxy_read_timeout "))
    _, _, reused = both(old, new)
    assert "nginx" not in reused
    assert {"python", "terraform"} <= set(reused)
