"""What the name of a settings key looks like: a timeout, a number of retries, a pause. It only ever suggests.

Names say too little for a verdict: `OPENAI_TIMEOUT` is 60 in one project and 30000 in the next. Left out are
keys that look alike and limit no request: health checks, sessions, caches, schedules, build tools.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from budgetcheck.readers.settings_files import Key, Keys

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TIMEOUT = re.compile(
    r"(?:^|_)(?:time_?outs?|time_?limit|deadline|max_time|run_?timeout)(?:_|$)|timeout(?:ms|s|secs?)?$"
)
_RETRIES = re.compile(
    r"(?:^|_)(?:max_)?(?:retry|retries|attempts?|tries)(?:_?(?:count|times|total|max|limit|num|attempts?))?$"
)
_PAUSE = re.compile(
    r"(?:^|_)(?:retry|reconnect)_\w*(?:delay|wait|interval|base|backoff|factor|multiplier|jitter|max)(?:_|$)"
    r"|(?:^|_)back_?off(?:_\w+)?$"
)
_LOOP = re.compile(r"(?:^|_)(?:recursion_limit|max_(?:iterations|turns|tool_calls))$")
_NO_BUDGET = re.compile(
    r"(?:^|_)(?:session|token|jwt|cookie|cache|csrf|hsts|lease|login|logout|password|reset|signup|invite|otp"
    r"|visibility|health|healthcheck|probe|liveness|readiness|startup|scrape|poll|polling|idle|keepalive|keep"
    r"|grace|graceful|shutdown|stop|drain|ttl|expire?s?|expiry|expiration|age|lifetime|heartbeat|flush|refresh"
    r"|debounce|circuit|breaker|recovery|rate|schedule|scheduler|cron|lock|ban|block|lockout|throttle|cleanup"
    r"|retention|tests?|notification|popup|toast|tooltip|animation|ui|build|lint|deploy|rollout|update|sync"
    r"|metrics|npm|yarn|pip|leader|election|batch|regulation|telemetry|exporter|logging|logs?|stale|progress)(?:_|$)"
)
"""Words that make something else of a key than the limit of a request."""
_ROLES: Mapping[str, str] = {
    "connect": "connect",
    "connection": "connect",
    "read": "read",
    "socket": "read",
    "recv": "read",
    "pool": "pool",
    "acquire": "pool",
    "checkout": "pool",
    "statement": "statement",
    "query": "statement",
    "total": "total",
    "overall": "total",
    "request": "total",
    "stream": "idle",
}
_SKIPPED_FOLDERS = re.compile(
    r"tests?|specs?|e2e|fixtures|node_modules|vendor|dist|build|docs?|examples?|samples?|locales?|i18n|translations"
    r"|migrations|static|public|assets|\.github|\.circleci|\.gitlab|\.vscode|\.idea|\.husky|\.devcontainer|gradle"
    r"|cypress|playwright|storybook|benchmarks|test-environments",
    re.IGNORECASE,
)
_EXAMPLES = frozenset({"example", "sample", "template", "dist", "tmpl", "defaults"})
"""Parts of names of files that say what could be set, not what is."""
_SKIPPED_FILES = re.compile(
    r"(?:package|package-lock|composer|tsconfig\w*|tokenizer\w*|angular|lerna|nx|turbo|renovate|codecov"
    r"|playwright|jest|vitest|biome|deno|mkdocs|manifest|openapi|swagger|schema|values)(?:[.-].*)?"
    r"|.*(?:lock|schema|docker-compose|compose|pre-commit|gitlab-ci|travis|appveyor|azure-pipelines).*"
    r"|pyproject|tox|setup|pytest|mypy|ruff|gradle-wrapper|.*\.(?:test|spec|e2e)",
    re.IGNORECASE,
)
_FILES = re.compile(
    r"\.?env(?:\..+|-.+)?|.+\.env"
    r"|(?:app-?)?settings?(?:[._-].+)?|(?:app|default|base|prod|production|dev|staging|local)?[._-]?conf(?:ig)?"
    r"(?:uration)?(?:[._-].+)?|application(?:[._-].+)?|bootstrap|default|production|prod|staging|dev|development"
    r"|.+[._-](?:config|conf|settings)",
    re.IGNORECASE,
)
_SUFFIXES = frozenset({".yaml", ".yml", ".toml", ".json", ".ini", ".cfg", ".properties", ".env", ""})
_WITH_UNIT = re.compile(r"(\d+(?:\.\d+)?)(ms|s|sec|secs|m|min|h)|PT(\d+)([SMH])")
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,3})?")
_SUFFIX_UNITS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"_?(?:ms|millis|milliseconds|msecs?)$"), "ms"),
    (re.compile(r"_(?:s|secs?|seconds)$"), "s"),
    (re.compile(r"_(?:m|mins?|minutes)$"), "m"),
    (re.compile(r"_(?:h|hrs?|hours)$"), "h"),
)
_COMMENT_UNITS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<![\d.] )(?<![\d.])\b(?:ms|milli\w*)\b|(?<!\d)毫秒", re.IGNORECASE), "ms"),
    (re.compile(r"(?<![\d.] )(?<![\d.])\b(?:s|secs?|seconds?)\b|(?<![\d毫])秒", re.IGNORECASE), "s"),
    (re.compile(r"(?<![\d.] )(?<![\d.])\b(?:min|minutes?)\b|(?<!\d)分钟", re.IGNORECASE), "m"),
)
_FACTOR = re.compile(r"(?:factor|multiplier|base)$")
_MILLISECOND_SCHEMAS = re.compile(
    r"hikari|feign|hystrix|druid|ribbon|statement_timeout|lock_timeout|mongo\w*_ms"
)
_SMALLEST_MS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What a key looks like.

    Attributes:
        kind: `timeout`, `retries`, `pause` or `rounds`. `role`: which part of a timeout, where its name says.
        unit: of the value; empty where it cannot be told, and for counts. `why`: how the unit was inferred.
    """

    key: Key
    kind: str
    role: str = ""
    unit: str = ""
    why: str = ""


def is_settings_file(name: str) -> bool:
    """The name is that of an application's settings, and not of a tool's or of test data."""
    path = PurePosixPath(name)
    if any(_SKIPPED_FOLDERS.fullmatch(part) for part in path.parts[:-1]):
        return False
    base = path.name.lower()
    if _EXAMPLES & set(re.split(r"[._-]", base)):
        return False
    is_env = base.startswith(".env") or base.endswith(".env")
    stem = base if is_env else base.rsplit(".", 1)[0] if "." in base[1:] else base
    if not is_env and path.suffix.lower() not in _SUFFIXES - {""}:
        return False
    return bool(_FILES.fullmatch(stem)) and not _SKIPPED_FILES.fullmatch(stem)


def is_of_an_application(keys: Keys) -> bool:
    """The keys are not those of a Kubernetes object, which has its own reader."""
    return not {"apiVersion", "kind"} <= {key.path for key in keys.keys}


def suggest(key: Key) -> Suggestion | None:
    """What a key looks like; None where it does not look like a limit, or where its value is none."""
    words = _words(key.path)
    last = _words(key.path.rpartition(".")[2])
    if _NO_BUDGET.search(words):
        return None
    if _RETRIES.search(last):
        return Suggestion(key=key, kind="retries") if _is_count(key.value, 100) else None
    if _FACTOR.search(last):
        return None
    if _PAUSE.search(last):
        return _timed(key, "pause", words) if _is_time(key.value) else None
    if _TIMEOUT.search(last) or (last in _ROLES and _TIMEOUT.search(words)):
        return _timed(key, "timeout", words) if _is_time(key.value) else None
    if _LOOP.search(last):
        return Suggestion(key=key, kind="rounds") if _is_count(key.value, 100_000) else None
    return None


def _words(path: str) -> str:
    """A path in lower case with `_` between its words: `llm.requestTimeoutMs` is llm_request_timeout_ms."""
    return re.sub(r"[^a-z0-9]+", "_", _CAMEL.sub("_", path).lower()).strip("_")


def _timed(key: Key, kind: str, words: str) -> Suggestion:
    unit, why = _unit(key, words)
    role = next((_ROLES[word] for word in reversed(words.split("_")) if word in _ROLES), "")
    return Suggestion(key=key, kind=kind, role=role if kind == "timeout" else "", unit=unit, why=why)


def _unit(key: Key, words: str) -> tuple[str, str]:
    """The unit of a bare number and why; empty where it cannot be told."""
    for pattern, unit in _SUFFIX_UNITS:
        if pattern.search(words):
            return unit, "its name says so"
    if isinstance(key.value, str) and (found := _WITH_UNIT.fullmatch(key.value.strip())):
        return (found[2] or found[4].lower()).removesuffix("ecs").removesuffix("ec").removesuffix("in"), (
            "its value says so"
        )
    for pattern, unit in _COMMENT_UNITS:
        if pattern.search(key.comment):
            return unit, "the comment says so"
    if _MILLISECOND_SCHEMAS.search(words):
        return "ms", "this component counts in milliseconds"
    return _by_size(float(str(key.value).strip()))


def _by_size(number: float) -> tuple[str, str]:
    if number < _SMALLEST_MS:
        return "s", "by its size"
    if number % 500 == 0:
        return "", "seconds or milliseconds"
    return ("s", "by its size") if number % 60 == 0 else ("", "seconds or milliseconds")


def _is_time(value: object) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return value > 0
    text = str(value).strip()
    return bool(_WITH_UNIT.fullmatch(text)) or (bool(_NUMBER.fullmatch(text)) and float(text) > 0)


def _is_count(value: object, most: int) -> bool:
    text = str(value).strip()
    return not isinstance(value, bool) and text.isdecimal() and int(text[:9]) <= most
