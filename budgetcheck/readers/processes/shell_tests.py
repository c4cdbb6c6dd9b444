"""Conditions of shell scripts (`[ -n "$X" ]`, `[[ $MODE == prod ]]`): yes, no, or not known."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from budgetcheck.readers.processes.texts import Text

_NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda left, right: left == right,
    "-ne": lambda left, right: left != right,
    "-gt": lambda left, right: left > right,
    "-ge": lambda left, right: left >= right,
    "-lt": lambda left, right: left < right,
    "-le": lambda left, right: left <= right,
}


def judge_test(words: Sequence[Text]) -> bool | None:
    """The outcome of a test by its words; None where these files do not decide it."""
    for operator, decisive in (("||", True), ("-o", True), ("&&", False), ("-a", False)):
        parts = _split(words, operator)
        if len(parts) > 1:
            found = [judge_test(part) for part in parts]
            if decisive in found:
                return decisive
            return None if None in found else not decisive
    if words and words[0].known == "!":
        inner = judge_test(words[1:])
        return None if inner is None else not inner
    if len(words) == 1:
        return _agreed(words[0], bool)
    if len(words) == 2:
        return _unary(words[0].known or "", words[1])
    if len(words) == 3:
        return _binary(words[0], words[1].known or "", words[2])
    return None


def _split(words: Sequence[Text], operator: str) -> list[Sequence[Text]]:
    parts: list[Sequence[Text]] = []
    start = 0
    for index, word in enumerate(words):
        if word.known == operator and not word.spans:
            parts.append(words[start:index])
            start = index + 1
    return [*parts, words[start:]]


def _unary(operator: str, word: Text) -> bool | None:
    if operator == "-n":
        return _agreed(word, bool)
    if operator == "-z":
        return _agreed(word, lambda value: not value)
    return None  # files and folders of the container are not looked at


def _binary(left: Text, operator: str, right: Text) -> bool | None:
    if operator in ("=", "==", "!="):
        wanted = right.known
        if wanted is None:
            return None
        same = _agreed(left, lambda value: fnmatchcase(value, wanted))
        return same if same is None or operator != "!=" else not same
    if operator in _NUMBERS and right.known is not None and right.known.lstrip("-").isdigit():
        compare, number = _NUMBERS[operator], int(right.known)
        if all(choice.lstrip("-").isdigit() for choice in left.choices):
            return _agreed(left, lambda value: compare(int(value), number))
    return None


def _agreed(word: Text, predicate: Callable[[str], bool]) -> bool | None:
    """The answer that all possible values give; None where they differ or none is known."""
    answers = {predicate(choice) for choice in word.choices}
    return answers.pop() if len(answers) == 1 else None
