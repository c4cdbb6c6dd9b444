"""`budgetcheck comment`: one comment on a pull or merge request, kept up to date."""

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from budgetcheck.cli.comment_text import comment_text
from budgetcheck.cli.diff import compared
from budgetcheck.cli.inputs import input_options
from budgetcheck.cli.output import complain, print_text

if TYPE_CHECKING:
    from budgetcheck.posting.plan import Plan, Wanted

_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_REPOSITORY = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)
_MOST_EVENT = 5_000_000
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

Bring = Callable[["Wanted", float], "Plan"]


@click.command("comment", context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--pull-request", metavar="N", type=click.IntRange(min=1), help="Number of a pull request on GitHub."
)
@click.option(
    "--merge-request", metavar="N", type=click.IntRange(min=1), help="Number of a merge request on GitLab."
)
@click.option(
    "--repository", metavar="OWNER/NAME", help="Repository on GitHub.  [default: GITHUB_REPOSITORY]"
)
@click.option(
    "--project", metavar="ID", help="Project on GitLab: its number or path.  [default: CI_PROJECT_ID]"
)
@click.option(
    "--base",
    metavar="COMMIT",
    help="State to compare with.  [default: the target branch, as the CI job names it]",
)
@click.option("--head", metavar="COMMIT", help="State to look at.  [default: the files as they are]")
@click.option(
    "--commit",
    metavar="SHA",
    help="Newest commit of the request that this run saw; a run of an older one writes nothing."
    "  [default: as the CI job names it, or HEAD]",
)
@click.option(
    "--mode",
    type=click.Choice(["update", "new", "hide", "delete"]),
    default="update",
    show_default=True,
    help="Change the comment, or write a new one and leave, hide or delete the earlier ones.",
)
@click.option("--path", "paths", type=click.Path(), multiple=True, help="Look at this path only; repeatable.")
@click.option("--dry-run", is_flag=True, help="Read, and print what would be written; write nothing.")
@click.option("--soft-fail", is_flag=True, help="Exit with 0 where the host refuses or does not answer.")
@input_options
@click.pass_context
def comment(ctx: click.Context, /, **_: object) -> int:
    """Keep one comment on a pull or merge request up to date.

    The comment says what the change breaks: verdict, numbers, owners, remedies, proof. Without anything to
    say none is begun; where nothing is different nothing is written; a run of an older commit never
    overwrites that of a newer one. Everything takes 30 s at most.

    Tokens come from the environment only: GITHUB_TOKEN, GITLAB_TOKEN or CI_JOB_TOKEN. GitHub needs
    `pip install 'budgetcheck[github]'`, GitLab 'budgetcheck[gitlab]'. Exits with 0 whatever the comment says,
    and with 2 where it could not be written.
    """
    return run_comment(ctx.params, os.environ)


def run_comment(parameters: dict[str, Any], environment: Mapping[str, str]) -> int:
    """Compares, decides, writes, and returns the exit code."""
    from budgetcheck.posting.patience import Patience, PostingError
    from budgetcheck.posting.plan import RESERVED, Mode, Wanted
    from budgetcheck.render.comment import worth_a_comment

    if (parameters["pull_request"] is None) == (parameters["merge_request"] is None):
        raise click.UsageError("name one of --pull-request and --merge-request")
    host = "github" if parameters["pull_request"] is not None else "gitlab"
    bring = (_github if host == "github" else _gitlab)(parameters, environment)
    commit = parameters["commit"] or _commit(environment)
    if not _COMMIT.fullmatch(commit):
        raise click.UsageError("--commit is no hash of a commit")
    base = parameters["base"] or _base(environment)
    inputs, found = compared({**parameters, "base": base, "head": parameters["head"]})
    wanted = Wanted(
        commit=commit.lower(),
        text=comment_text(found, inputs, host, reserved=RESERVED),
        worth=worth_a_comment(found),
        mode=Mode(parameters["mode"]),
    )
    try:
        done = Patience().run(lambda seconds: bring(wanted, seconds))
    except PostingError as error:
        code = complain(str(error))
        return 0 if parameters["soft_fail"] else code
    return _tell(done, wanted, dry_run=parameters["dry_run"])


def _tell(done: "Plan", wanted: "Wanted", *, dry_run: bool) -> int:
    if not done.steps:
        return print_text(f"nothing written: {done.reason}\n")
    verbs = ", ".join(
        f"{step.verb.value}{f' {step.comment.id}' if step.comment else ''}" for step in done.steps
    )
    if not dry_run:
        return print_text(f"{verbs}: {done.reason}\n")
    return print_text(f"would {verbs}: {done.reason}\n\n{wanted.body}")


def _github(parameters: Mapping[str, Any], environment: Mapping[str, str]) -> Bring:
    repository = parameters["repository"] or environment.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(repository):
        raise click.UsageError("--repository (or GITHUB_REPOSITORY) must be OWNER/NAME")
    token = _token(environment, "GITHUB_TOKEN")
    url = _url(environment.get("GITHUB_API_URL") or "https://api.github.com")
    try:
        from budgetcheck.posting.github import GitHub
    except ImportError:
        raise _extra("github") from None
    there = GitHub(url=url, token=token, repository=repository, number=parameters["pull_request"])
    return lambda wanted, seconds: there.bring(wanted, seconds, dry_run=parameters["dry_run"])


def _gitlab(parameters: Mapping[str, Any], environment: Mapping[str, str]) -> Bring:
    project = parameters["project"] or environment.get("CI_PROJECT_ID", "")
    if not project:
        raise click.UsageError("--project (or CI_PROJECT_ID) must name the project")
    token = _token(environment, "GITLAB_TOKEN", "CI_JOB_TOKEN")
    url = _url(environment.get("CI_SERVER_URL") or "https://gitlab.com")
    try:
        from budgetcheck.posting.gitlab import GitLab
    except ImportError:
        raise _extra("gitlab") from None
    there = GitLab(
        url=url,
        token=token,
        job=not environment.get("GITLAB_TOKEN"),
        project=project,
        number=parameters["merge_request"],
    )
    return lambda wanted, seconds: there.bring(wanted, seconds, dry_run=parameters["dry_run"])


def _extra(name: str) -> click.ClickException:
    return click.ClickException(f"a client for this host is not installed: pip install 'budgetcheck[{name}]'")


def _token(environment: Mapping[str, str], *names: str) -> str:
    token = next((environment[name] for name in names if environment.get(name)), "")
    if not token:
        raise click.UsageError(f"the environment holds no token: set {' or '.join(names)}")
    return token


def _url(url: str) -> str:
    """A token is not sent in the clear, but to this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise click.UsageError("the address of the host must begin with https://")
    return url.rstrip("/")


def _commit(environment: Mapping[str, str]) -> str:
    """The newest commit of the request. What a job has checked out may be a merge that no request holds."""
    named = environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environment.get("CI_COMMIT_SHA")
    if environment.get("GITHUB_EVENT_PATH"):
        named = _event_head(Path(environment["GITHUB_EVENT_PATH"])) or named
    return named or _git("rev-parse", "HEAD")


def _event_head(file: Path) -> str:
    """The head commit that the event of a pull request names; empty for any other event."""
    import json

    try:
        text = file.read_bytes()[:_MOST_EVENT]
        event = json.loads(text)
    except (OSError, ValueError, RecursionError):
        return ""
    for part in ("pull_request", "head", "sha"):
        event = event.get(part) if isinstance(event, dict) else None
    return event if isinstance(event, str) else ""


def _base(environment: Mapping[str, str]) -> str:
    """What the request is compared with, as the job names it. Raises click.UsageError."""
    named = environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA") or ""
    if not named and environment.get("GITHUB_BASE_REF"):
        # What a job of a pull request checks out is its merge: the first parent is the target branch.
        merge = len(_git("rev-list", "--parents", "--max-count=1", "HEAD").split()) > 2
        named = "HEAD^1" if merge else f"origin/{environment['GITHUB_BASE_REF']}"
    if not named:
        raise click.UsageError("--base is needed: the commit to compare with")
    return named


def _git(*arguments: str) -> str:
    try:
        ran = subprocess.run(["git", *arguments], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.decode(errors="replace").strip() if ran.returncode == 0 else ""
