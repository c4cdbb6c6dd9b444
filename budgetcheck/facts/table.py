"""Typed access to one table of a facts file; every complaint names the file, the table and the key."""

import datetime
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import NoReturn, TypeVar

from budgetcheck.facts.errors import FactsError
from budgetcheck.model.duration import parse_duration

_Choice = TypeVar("_Choice", bound=Enum)

UNLIMITED_WORD = "unlimited"

_URL = re.compile(r"https://[\w.-]+\.[a-z]{2,}(/\S*)?")


class Table:
    """One table. Each key is asked for once; `close` complains about keys nobody asked for.

    The getters return the fallback where the key is absent, and raise FactsError where it is absent
    without a fallback, or has another shape than the one asked for.
    """

    def __init__(self, values: Mapping[str, object], place: str) -> None:
        self._values = values
        self._asked: set[str] = set()
        self._place = place

    def wrong(self, key: str, problem: str) -> NoReturn:
        """Raises FactsError about one key of this table."""
        raise FactsError(f"{self._place}, key {key}: {problem}")

    def has(self, key: str) -> bool:
        """The key is present."""
        return key in self._values

    def text(self, key: str, fallback: str | None = None) -> str:
        """A string."""
        value = self._get(key, fallback)
        if not isinstance(value, str):
            self.wrong(key, f"{value!r} is not text; write it in quotes")
        return value

    def flag(self, key: str, fallback: bool = False) -> bool:
        """true or false."""
        value = self._get(key, fallback)
        if not isinstance(value, bool):
            self.wrong(key, f"{value!r} is not true or false")
        return value

    def count(self, key: str, fallback: int | None = None) -> int:
        """A whole number, not negative."""
        value = self._get(key, fallback)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.wrong(key, f"{value!r} is not a whole number of 0 or more")
        return value

    def count_or_endless(self, key: str) -> int | None:
        """A whole number, not negative, or None for the word `unlimited`."""
        return None if self._get(key, None) == UNLIMITED_WORD else self.count(key)

    def optional_count(self, key: str) -> int | None:
        """A whole number, or None where the key is absent."""
        return self.count(key) if self.has(key) else None

    def thousandths(self, key: str, fallback: int) -> int:
        """A number such as 1.5, in thousandths."""
        value = self._get(key, None) if self.has(key) else Decimal(fallback) / 1_000
        if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or value <= 0:
            self.wrong(key, f"{value!r} is not a number above 0")
        return int(Decimal(str(value)) * 1_000)

    def duration(self, key: str, fallback: int | None = None) -> int:
        """A duration with unit, in milliseconds."""
        if fallback is not None and not self.has(key):
            return fallback
        return self._milliseconds(key, self.text(key))

    def optional_duration(self, key: str) -> int | None:
        """A duration with unit in milliseconds, or None where the key is absent."""
        return self.duration(key) if self.has(key) else None

    def end(self, key: str, fallback: int) -> int | None:
        """A duration with unit in milliseconds, or None for the word `unlimited`."""
        if not self.has(key):
            return fallback
        text = self.text(key)
        return None if text == UNLIMITED_WORD else self._milliseconds(key, text)

    def range(self, key: str) -> tuple[int | None, int | None]:
        """Two durations, the second of them or `unlimited`; two None where the key is absent."""
        if not self.has(key):
            return None, None
        texts = self.texts(key)
        if len(texts) != 2:
            self.wrong(key, "write the lowest and the highest value: ['1s', '60s']")
        low = self._milliseconds(key, texts[0])
        high = None if texts[1] == UNLIMITED_WORD else self._milliseconds(key, texts[1])
        if high is not None and high < low:
            self.wrong(key, f"{texts[0]} is more than {texts[1]}")
        return low, high

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings, or one string; empty where the key is absent."""
        value = self._get(key, ())
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, (list, tuple)) or not all(isinstance(item, str) for item in found):
            self.wrong(key, f"{value!r} is not a list of texts")
        return tuple(found)

    def choice(self, key: str, kind: type[_Choice], fallback: _Choice | None = None) -> _Choice:
        """One of the values of an enumeration."""
        if fallback is not None and not self.has(key):
            return fallback
        return self._member(key, kind, self.text(key))

    def choices(self, key: str, kind: type[_Choice]) -> frozenset[_Choice]:
        """Several values of an enumeration; a list that may be empty, but not absent."""
        if not self.has(key):
            self.wrong(key, "is missing")
        return frozenset(self._member(key, kind, text) for text in self.texts(key))

    def url(self, key: str) -> str:
        """A public https address."""
        text = self.text(key)
        if not _URL.fullmatch(text):
            self.wrong(key, f"{text!r} is not an https address")
        return text

    def date(self, key: str) -> datetime.date:
        """A day: a TOML date, or text in the form 2026-11-25."""
        value = self._get(key, None)
        try:
            day = datetime.date.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            day = None
        if not isinstance(day, datetime.date) or isinstance(day, datetime.datetime):
            self.wrong(key, f"{value!r} is not a date; write the day it was checked: 2026-11-25")
        return day

    def table(self, key: str) -> "Table | None":
        """A table inside this one, or None where the key is absent."""
        if not self.has(key):
            return None
        return self._nested(key, self._get(key, None), f"{self._place}, {key}")

    def tables(self, key: str) -> tuple["Table", ...]:
        """A list of tables; each is named by its number and its setting in messages."""
        value = self._get(key, ())
        if not isinstance(value, (list, tuple)):
            self.wrong(key, f"is not a list of tables; write [[{key}]]")
        return tuple(
            self._nested(key, item, f"{self._place}: {key} {number}{_setting(item)}")
            for number, item in enumerate(value, start=1)
        )

    def keys(self) -> Iterable[str]:
        """The keys of a table whose keys are free (`when`)."""
        return tuple(self._values)

    def close(self) -> None:
        """Raises FactsError where the table has a key that nothing reads."""
        for key in self._values:
            if key not in self._asked:
                self.wrong(key, f"is not known here; known are {', '.join(sorted(self._asked))}")

    def _get(self, key: str, fallback: object) -> object:
        self._asked.add(key)
        if key in self._values:
            return self._values[key]
        if fallback is None:
            self.wrong(key, "is missing")
        return fallback

    def _milliseconds(self, key: str, text: str) -> int:
        try:
            return parse_duration(text)
        except ValueError as error:
            self.wrong(key, str(error))

    def _member(self, key: str, kind: type[_Choice], text: str) -> _Choice:
        try:
            return kind(text)
        except ValueError:
            self.wrong(key, f"{text!r} is not known; write one of {', '.join(item.value for item in kind)}")

    def _nested(self, key: str, value: object, place: str) -> "Table":
        if not isinstance(value, Mapping):
            self.wrong(key, f"{value!r} is not a table")
        return Table({str(name): item for name, item in value.items()}, place)


def _setting(value: object) -> str:
    """` (proxy_read_timeout)` for a table with that setting, empty for one without."""
    setting = value.get("setting") if isinstance(value, Mapping) else None
    return f" ({setting})" if isinstance(setting, str) and setting else ""
