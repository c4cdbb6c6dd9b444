"""Comments on a pull request of GitHub, through PyGithub."""

import contextlib
from typing import TYPE_CHECKING

import github
import requests
from github.GithubException import GithubException

from budgetcheck.posting.patience import NotAllowedError, PostingError, TryAgainError
from budgetcheck.posting.plan import Comment, Plan, State, Verb, Wanted, numbered, ours, plan

if TYPE_CHECKING:
    from github.IssueComment import IssueComment

MOST_COMMENTS = 3_000
"""More comments of a pull request are not looked through."""
_PER_PAGE = 100


class GitHub:
    """One pull request. `token` goes to `url` only, and into no message."""

    def __init__(self, *, url: str, token: str, repository: str, number: int) -> None:
        self._url, self._token = url, token
        self._repository, self._number = repository, number

    def bring(self, wanted: Wanted, seconds: float, *, dry_run: bool = False) -> Plan:
        """Reads, decides, and writes what is needed. Raises PostingError or TryAgainError."""
        client = github.Github(  # nothing is fetched before it is needed
            auth=github.Auth.Token(self._token),
            base_url=self._url,
            timeout=max(1, int(seconds)),
            per_page=_PER_PAGE,
            retry=None,  # a try is the whole of it, see `patience`
            seconds_between_requests=0,
            seconds_between_writes=0,
            user_agent="budgetcheck",
            lazy=True,
        )
        with contextlib.closing(client):
            try:
                return self._bring(client, wanted, dry_run=dry_run)
            except GithubException as error:
                raise _meant(error, self._repository) from None
            except requests.RequestException as error:
                raise TryAgainError(f"GitHub cannot be reached: {type(error).__name__}") from None

    def _bring(self, client: github.Github, wanted: Wanted, *, dry_run: bool) -> Plan:
        pull = client.get_repo(self._repository).get_pull(self._number)
        found = {}
        for number, comment in enumerate(pull.get_issue_comments()):
            if number >= MOST_COMMENTS:
                break
            if ours(comment.body or ""):
                found[comment.id] = comment
        mine = _written_by_us(client, found)
        comments = numbered(
            [
                Comment(id=key, body=comment.body, hidden=bool(comment.raw_data.get("minimized")))
                for key, comment in mine.items()
            ]
        )
        decided = plan(State(head=pull.head.sha, comments=comments), wanted)
        for step in () if dry_run else decided.steps:
            if step.comment is None:
                pull.create_issue_comment(wanted.body)
                continue
            there = mine[step.comment.id]
            match step.verb:
                case Verb.UPDATE:
                    there.edit(wanted.body)
                case Verb.HIDE:
                    there.minimize("OUTDATED")
                case _:
                    there.delete()
        return decided


def _written_by_us(client: github.Github, found: "dict[int, IssueComment]") -> "dict[int, IssueComment]":
    """Those of a bot, or of the person whose token it is: anybody can write our marker into a comment."""
    if all(comment.user.type == "Bot" for comment in found.values()):
        return found
    login = ""
    with contextlib.suppress(GithubException):  # the token of a job belongs to no person
        login = client.get_user().login
    if login:
        return {key: comment for key, comment in found.items() if comment.user.login == login}
    return {key: comment for key, comment in found.items() if comment.user.type == "Bot"}


def _meant(error: GithubException, repository: str) -> Exception:
    """What a refusal means, by its status; the host's own words are not repeated beyond a line."""
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    said = str(error.data.get("message", "")) if isinstance(error.data, dict) else ""
    limited = error.status == 429 or "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    if error.status in (403, 429) and (limited or "rate limit" in said.lower()):
        return TryAgainError("GitHub limits the rate of requests", _seconds(headers.get("retry-after")))
    if error.status >= 500:
        return TryAgainError(f"GitHub answers {error.status}", _seconds(headers.get("retry-after")))
    if error.status == 401:
        return NotAllowedError("GitHub does not know the token in GITHUB_TOKEN (401)")
    if error.status == 403:
        return NotAllowedError(
            f"the token may not comment on {repository} (403); the job needs `pull-requests: write`,"
            " and a pull request from a fork never gets it: see the two workflows in docs/ci.md"
        )
    if error.status == 404:
        return PostingError(
            f"GitHub knows no such pull request of {repository}, or the token may not see it (404)"
        )
    return PostingError(f"GitHub refuses the comment ({error.status})")


def _seconds(value: str | None) -> float | None:
    return (
        float(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 7 else None
    )
