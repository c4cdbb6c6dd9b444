"""What has to be done so that a request carries the right comment; nothing here knows a host.

Only the run of the newest commit writes: whatever an older run has to say is out of date, also where it ends
last. So the comment never goes back, and no clock and no order of runs is needed for it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

_MARKER = re.compile(r"<!-- budgetcheck valid-at=([0-9a-f]{7,64}) -->\r?\n")
RESERVED = 100
"""Characters of a comment that the marker takes."""


class Mode(Enum):
    """What happens with what was said before."""

    UPDATE = "update"
    """The one comment is changed."""
    NEW = "new"
    """A further comment, where something is different."""
    HIDE = "hide"
    """The same, and earlier ones are folded as outdated."""
    DELETE = "delete"
    """The same, and earlier ones are removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment of ours as the host has it, marker included."""

    id: int
    body: str
    hidden: bool = False

    @property
    def text(self) -> str:
        """Without the marker, as it compares: hosts change the ends of lines and of the text."""
        return _plain(_MARKER.sub("", self.body, count=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the host knows: the newest commit of the request, and our comments, oldest first."""

    head: str
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What this run has to say: the commit it saw, the text, and whether it is worth a first comment."""

    commit: str
    text: str
    worth: bool
    mode: Mode = Mode.UPDATE

    @property
    def body(self) -> str:
        """The text behind its marker."""
        return f"<!-- budgetcheck valid-at={self.commit} -->\n{self.text}"


class Verb(Enum):
    """One call that writes."""

    CREATE = "create"
    UPDATE = "update"
    HIDE = "hide"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A call to make; `comment` is the one it is about, None for a new one."""

    verb: Verb
    comment: Comment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The calls to make, and why, for people."""

    steps: tuple[Step, ...]
    reason: str


def ours(body: str) -> bool:
    """Whether a comment begins with our marker; who wrote it is the host's to say."""
    return _MARKER.match(body) is not None


def plan(state: State, wanted: Wanted) -> Plan:
    """The calls that lead from what is there to what is wanted; none where nothing is different."""
    if not _same_commit(state.head, wanted.commit):
        return Plan(steps=(), reason="a newer commit is there: what this run says is out of date")
    shown = [comment for comment in state.comments if not comment.hidden]
    last = shown[-1] if shown else None
    if last is None:
        if not wanted.worth:
            return Plan(steps=(), reason="nothing to say")
        return Plan(steps=(Step(verb=Verb.CREATE),), reason="first comment")
    if last.text == _plain(wanted.text):
        return Plan(steps=(), reason="the comment says this already")
    if wanted.mode is Mode.UPDATE:
        return Plan(steps=(Step(verb=Verb.UPDATE, comment=last),), reason="the comment says something else")
    return _again(shown, wanted)


def _again(shown: Sequence[Comment], wanted: Wanted) -> Plan:
    """A further comment, then the earlier ones out of the way; without them, nothing good is worth one."""
    verb = {Mode.HIDE: Verb.HIDE, Mode.DELETE: Verb.DELETE}.get(wanted.mode)
    create = [Step(verb=Verb.CREATE)] if wanted.worth or verb is None else []
    earlier = [Step(verb=verb, comment=comment) for comment in shown] if verb is not None else []
    return Plan(steps=(*create, *earlier), reason="the last comment says something else")


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _same_commit(head: str, commit: str) -> bool:
    """Either may be cut: hosts and people write short names."""
    shorter = min(len(head), len(commit))
    return shorter >= 7 and head[:shorter].lower() == commit[:shorter].lower()


def numbered(comments: Sequence[Comment]) -> tuple[Comment, ...]:
    """Oldest first."""
    return tuple(sorted(comments, key=lambda comment: comment.id))
