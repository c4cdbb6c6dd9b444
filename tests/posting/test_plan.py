"""What has to be done, decided without any host."""

import pytest

from budgetcheck.posting.plan import Comment, Mode, State, Verb, Wanted, ours, plan

HEAD = "a" * 40


def comment(text: str, key: int = 1, commit: str = HEAD, **more: bool) -> Comment:
    return Comment(id=key, body=f"<!-- budgetcheck valid-at={commit} -->\n{text}", **more)


def verbs(
    *there: Comment, text: str = "new\n", worth: bool = True, mode: Mode = Mode.UPDATE, commit: str = HEAD
) -> list[tuple[Verb, int | None]]:
    wanted = Wanted(commit=commit, text=text, worth=worth, mode=mode)
    steps = plan(State(head=HEAD, comments=there), wanted).steps
    return [(step.verb, step.comment.id if step.comment else None) for step in steps]


OLD, OLDER = comment("old", 2), comment("older", 1)
CASES = [
    ("the first comment", (), {}, [(Verb.CREATE, None)]),
    ("nothing to say and nothing said", (), {"worth": False}, []),
    ("something else was said", (OLD,), {}, [(Verb.UPDATE, 2)]),
    ("what is fixed is said where something was said", (OLD,), {"worth": False}, [(Verb.UPDATE, 2)]),
    ("the same was said", (comment("new"),), {}, []),
    ("the same was said about an older commit", (comment("new", commit="b" * 40),), {}, []),
    ("the host changed line ends", (comment("new\r\n"),), {}, []),
    ("an older run", (OLD,), {"commit": "b" * 40}, []),
    ("an older run says nothing first either", (), {"commit": "b" * 40}, []),
    ("a short hash", (), {"commit": HEAD[:12]}, [(Verb.CREATE, None)]),
    ("a hash too short to tell", (), {"commit": HEAD[:6]}, []),
    ("of several the last is kept", (OLDER, OLD), {}, [(Verb.UPDATE, 2)]),
    ("a hidden one counts for nothing", (comment("new", hidden=True),), {}, [(Verb.CREATE, None)]),
    ("new leaves the others", (OLD,), {"mode": Mode.NEW}, [(Verb.CREATE, None)]),
    ("new repeats nothing", (comment("new"),), {"mode": Mode.NEW}, []),
    ("hide", (OLD,), {"mode": Mode.HIDE}, [(Verb.CREATE, None), (Verb.HIDE, 2)]),
    (
        "delete",
        (OLDER, OLD),
        {"mode": Mode.DELETE},
        [(Verb.CREATE, None), (Verb.DELETE, 1), (Verb.DELETE, 2)],
    ),
    ("delete without anything to say", (OLD,), {"mode": Mode.DELETE, "worth": False}, [(Verb.DELETE, 2)]),
]


@pytest.mark.parametrize(("there", "wanted", "steps"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_plan(there, wanted, steps) -> None:
    assert verbs(*there, **wanted) == steps


def test_what_is_written_is_recognised_and_says_the_same() -> None:
    wanted = Wanted(commit=HEAD, text="text\n", worth=True)
    assert ours(wanted.body)
    assert Comment(id=1, body=wanted.body).text == "text"


@pytest.mark.parametrize(
    "body", ["", "text", " <!-- budgetcheck valid-at=aaaaaaaa -->\n", "> <!-- budgetcheck"]
)
def test_other_comments_are_not_ours(body: str) -> None:
    """A quoted answer to our comment holds the marker, but does not begin with it."""
    assert not ours(body)
