"""What to write instead: names that resemble a word nobody knows."""

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """` (did you mean timeout?)` to put behind a text; empty where nothing is near."""
    known = sorted(set(candidates))
    near = difflib.get_close_matches(word[:100], known, n=2, cutoff=0.6)
    if not near:
        return ""
    scores = [difflib.SequenceMatcher(None, name, word[:100]).ratio() for name in near]
    as_near = [name for name, score in zip(near, scores, strict=True) if score > scores[0] - 0.1]
    return f" (did you mean {' or '.join(as_near)}?)"


def list_known(candidates: Iterable[str]) -> str:
    """`known here: a, b, c`; empty where they are too many to read."""
    known = sorted(set(candidates))
    return f"known here: {', '.join(known)}" if 0 < len(known) <= 40 else ""
