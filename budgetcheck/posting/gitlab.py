"""Notes on a merge request of GitLab, through python-gitlab."""

from typing import TYPE_CHECKING, Any

import gitlab
import requests
from gitlab.exceptions import GitlabError, GitlabHttpError

from budgetcheck.posting.patience import NotAllowedError, PostingError, TryAgainError
from budgetcheck.posting.plan import Comment, Mode, Plan, State, Verb, Wanted, numbered, ours, plan

if TYPE_CHECKING:
    from gitlab.v4.objects import ProjectMergeRequest, ProjectMergeRequestNote

MOST_NOTES = 3_000
"""More notes of a merge request are not looked through."""
_PER_PAGE = 100
_ONCE: dict[str, Any] = {"obey_rate_limit": False, "retry_transient_errors": False, "max_retries": 0}
"""A try is the whole of it, see `patience`; the library would sleep on its own."""


class GitLab:
    """One merge request. `token` goes to `url` only, and into no message; `job` where it is that of a job."""

    def __init__(self, *, url: str, token: str, job: bool, project: str, number: int) -> None:
        self._url, self._token, self._job = url, token, job
        self._project, self._number = project, number

    def bring(self, wanted: Wanted, seconds: float, *, dry_run: bool = False) -> Plan:
        """Reads, decides, and writes what is needed. Raises PostingError or TryAgainError."""
        if wanted.mode is Mode.HIDE:
            raise PostingError("GitLab cannot hide a note; use --mode delete or update")
        with gitlab.Gitlab(
            self._url,
            timeout=seconds,
            per_page=_PER_PAGE,
            keep_base_url=True,
            user_agent="budgetcheck",
            private_token=None if self._job else self._token,
            job_token=self._token if self._job else None,
        ) as client:
            try:
                return self._bring(client, wanted, dry_run=dry_run)
            except GitlabError as error:
                raise _meant(error, self._project, job=self._job) from None
            except requests.RequestException as error:
                raise TryAgainError(f"GitLab cannot be reached: {type(error).__name__}") from None

    def _bring(self, client: gitlab.Gitlab, wanted: Wanted, *, dry_run: bool) -> Plan:
        request = client.projects.get(self._project, lazy=True).mergerequests.get(self._number, **_ONCE)
        found = self._notes(client, request)
        comments = numbered([Comment(id=key, body=note.body) for key, note in found.items()])
        decided = plan(State(head=request.sha, comments=comments), wanted)
        for step in () if dry_run else decided.steps:
            if step.comment is None:
                request.notes.create({"body": wanted.body}, **_ONCE)
            elif step.verb is Verb.UPDATE:
                note = found[step.comment.id]
                note.body = wanted.body
                note.save(**_ONCE)
            else:
                found[step.comment.id].delete(**_ONCE)
        return decided

    def _notes(
        self, client: gitlab.Gitlab, request: "ProjectMergeRequest"
    ) -> "dict[int, ProjectMergeRequestNote]":
        """Notes with our marker that the token's own user wrote: anybody can write the marker."""
        found = {}
        notes = request.notes.list(iterator=True, sort="asc", order_by="created_at", **_ONCE)
        for number, note in enumerate(notes):
            if number >= MOST_NOTES:
                break
            if ours(note.body or "") and not note.system:
                found[note.id] = note
        if not found:
            return {}
        me = client.http_get("/job" if self._job else "/user", **_ONCE)
        user = me.get("user") if self._job and isinstance(me, dict) else me
        mine = user.get("id") if isinstance(user, dict) else None
        return {key: note for key, note in found.items() if note.author.get("id") == mine}


def _meant(error: GitlabError, project: str, *, job: bool) -> Exception:
    """What a refusal means, by its status."""
    status = error.response_code or 0
    if status == 429 or status >= 500:
        why = "GitLab limits the rate of requests" if status == 429 else f"GitLab answers {status}"
        return TryAgainError(why)
    if status in (401, 403):
        hint = "; the token of a job may not write notes: set GITLAB_TOKEN with the scope api" if job else ""
        return NotAllowedError(f"the token may not comment on {project} ({status}){hint}")
    if status == 404:
        return PostingError(
            f"GitLab knows no such merge request of {project}, or the token may not see it (404)"
        )
    kind = "" if isinstance(error, GitlabHttpError) or status else f" {type(error).__name__}"
    return PostingError(f"GitLab refuses the note ({status or 'no status'}{kind})")
