"""Every command that a document shows is run, in a repository in which its paths and names exist."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import command_page
import pytest
from expectations import ROOT, SAMPLES
from test_documents import FENCE, SHOWN, blocks, name_of

from budgetcheck.cli import main

# Real runs are made again by `make docs`.
_REAL_RUN = re.compile(r"<!-- run .+?<!-- end -->", re.DOTALL)
_NOT_OURS = re.compile(r"(uvx|pipx|pip|make|docker) ")
# What waits for ever or asks a host is only parsed.
_ONLY_PARSED = ("--watch", "comment")


def shown() -> Iterator[tuple[str, str]]:
    """Document and line for each command in it."""
    for path, text in SHOWN.items():
        for block in blocks(_REAL_RUN.sub("", text), "console"):
            for line in block.splitlines():
                if line.startswith("$ ") and not _NOT_OURS.match(line, 2):
                    yield name_of(path), line.removeprefix("$ ")


def words(line: str) -> list[str]:
    """The arguments of budgetcheck in a line of a shell."""
    command = re.sub(r".*\| (?=budgetcheck)| \| jq .*|eval \"\$\(|\)\"|  +#.*| > .*", "", line)
    name, *arguments = shlex.split(command)
    assert name == "budgetcheck", line
    return arguments


def repository(folder: Path, line: str) -> None:
    """infra/ and an app document under two tags on a branch; other directories where the line names them."""
    sample = SAMPLES / "llm-assistant"
    shutil.copy(sample / "app.yaml", folder)
    for name in ("infra", *(name for name in ("old-infra", "new-infra") if name in line)):
        shutil.copytree(sample / "infra", folder / name)
    if "samples/llm-assistant" in line:
        shutil.copytree(sample, folder / "samples" / "llm-assistant")
    if "services/chat" in line:
        shutil.copytree(SAMPLES / "agent-service" / "app", folder / "services" / "chat" / "app")
    for path in (*folder.glob("*infra/nginx/nginx.conf"), *folder.glob("*infra/*.tf")):
        path.write_text(path.read_text("utf-8").replace("assistant.example.com", "api.example.com"), "utf-8")
    git(folder, "init", "-q", "-b", "main")
    for tag in ("v1.4", "v1.5"):
        (folder / "VERSION").write_text(tag, encoding="utf-8")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", tag)
        git(folder, "tag", tag)


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_there_are_commands_and_every_command_of_the_tool_is_among_them() -> None:
    first = {next(iter(words(line)), "") for _, line in shown()}
    assert set(main.subcommands) <= first
    assert set(command_page.EXAMPLES) == {"", *main.subcommands}


@pytest.mark.parametrize("line", dict.fromkeys(line for _, line in shown()))
def test_a_shown_command_does_what_it_says(line: str, tmp_path: Path, cli) -> None:
    """No wrong usage and no crash; a check finds the fault that is there."""
    arguments = words(line)
    if any(word in arguments for word in _ONLY_PARSED):
        parsed(arguments)
        return
    repository(tmp_path, line)
    run = cli(tmp_path, *arguments, stdin=(tmp_path / "infra/nginx/nginx.conf").read_bytes())
    assert not run.crashed, run.stderr
    assert run.exit_code in (0, 1, 3), run.stderr
    assert run.stdout or run.stderr
    if next(iter(arguments), "") not in main.subcommands and "services/chat" not in arguments:
        assert "61.5 s" in run.stdout or '"needed_ms": 61500' in run.stdout


@pytest.mark.parametrize("path", SHOWN, ids=name_of)
def test_commands_in_the_text_are_accepted(path: Path) -> None:
    """As far as arguments go: words in capitals stand for what a reader puts there."""
    for command in re.findall(r"`(budgetcheck(?: [^`]+)?)`", FENCE.sub("", SHOWN[path])):
        arguments = shlex.split(command)[1:]
        if (
            len(arguments) != 1 or arguments[0] not in main.subcommands
        ):  # a bare name means the command as such
            parsed(arguments)


def parsed(arguments: list[str]) -> None:
    """Raises click's UsageError where the tool would refuse them."""
    name = next(iter(arguments), "")
    command, rest = (main.subcommands[name], arguments[1:]) if name in main.subcommands else (main, arguments)
    with command.make_context(name, rest):
        pass


def test_targets_of_make_that_are_shown_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w[\w-]*):", makefile, re.MULTILINE))
    for path, text in SHOWN.items():
        named = set(re.findall(r"(?:`|\$ )make ([a-z]+)\b", text))
        assert named <= targets, name_of(path)
