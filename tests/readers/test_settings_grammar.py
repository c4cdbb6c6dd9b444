"""What keys of settings files look like, and which are left alone."""

import pytest

from budgetcheck.readers.settings_files import Key, read_keys
from budgetcheck.readers.settings_grammar import is_of_an_application, is_settings_file, suggest

LOOKS = [
    pytest.param("OPENAI_TIMEOUT", "30", "", ("timeout", "", "s"), id="a small number is seconds"),
    pytest.param("OPENAI_TIMEOUT", "30000", "", ("timeout", "", ""), id="a large one may be either"),
    pytest.param("LLM_TIMEOUT_MS", "30000", "", ("timeout", "", "ms"), id="the name says the unit"),
    pytest.param("llm.requestTimeoutMillis", 5000, "", ("timeout", "total", "ms"), id="in camel case"),
    pytest.param("http.timeout", "5s", "", ("timeout", "", "s"), id="the value says the unit"),
    pytest.param("http.timeout", "2min", "", ("timeout", "", "m"), id="minutes"),
    pytest.param("http.timeout", "PT30S", "", ("timeout", "", "s"), id="ISO 8601"),
    pytest.param("http.timeout", 120000, "in ms", ("timeout", "", "ms"), id="the comment says the unit"),
    pytest.param("task_time_limit", 3300, "55 minutes", ("timeout", "", "s"), id="the comment explains"),
    pytest.param("http.timeout.connect", 5, "", ("timeout", "connect", "s"), id="a part of a timeout"),
    pytest.param("db.socket_timeout", 5, "", ("timeout", "read", "s"), id="its role"),
    pytest.param(
        "db.statement_timeout", 5000, "", ("timeout", "statement", "ms"), id="counts in milliseconds"
    ),
    pytest.param("TASK_SOFT_TIME_LIMIT", "6300", "", ("timeout", "", "s"), id="whole minutes are seconds"),
    pytest.param("MAX_RETRIES", "3", "", ("retries", "", ""), id="retries"),
    pytest.param("REDIS_RETRY_MAX_ATTEMPTS", "4", "", ("retries", "", ""), id="attempts"),
    pytest.param("llm.retry_delay", 2, "", ("pause", "", "s"), id="a pause"),
    pytest.param("agent.recursion_limit", 25, "", ("rounds", "", ""), id="rounds"),
]


@pytest.mark.parametrize(("path", "value", "comment", "expected"), LOOKS)
def test_a_key_looks_like(path: str, value: str | int, comment: str, expected: tuple[str, str, str]) -> None:
    found = suggest(Key(path=path, value=value, line=1, comment=comment))
    assert found is not None
    assert (found.kind, found.role, found.unit) == expected


NOTHING = [
    pytest.param("SESSION_TIMEOUT", "3600", id="a session"),
    pytest.param("services.db.healthcheck.timeout", "5s", id="a health check"),
    pytest.param("services.db.healthcheck.retries", 5, id="its retries"),
    pytest.param("spec.readinessProbe.timeoutSeconds", 3, id="a probe"),
    pytest.param("CACHE_TTL", "60", id="a lifetime"),
    pytest.param("LOCK_TIMEOUT", "30", id="a lease"),
    pytest.param("keepalive_timeout", 75, id="keep-alive"),
    pytest.param("circuit_breaker.recovery_timeout", 30, id="a circuit breaker"),
    pytest.param("password_reset_timeout", 86400, id="a link that expires"),
    pytest.param("MAX_LOGIN_ATTEMPTS", "5", id="logins"),
    pytest.param("backoff_factor", 2, id="a factor is no time"),
    pytest.param("TIMEOUT", "", id="no value"),
    pytest.param("TIMEOUT", "${TIMEOUT:-30}", id="a template"),
    pytest.param("timeout", True, id="a switch"),
    pytest.param("timeout", 0, id="off"),
    pytest.param("MAX_RETRIES", "many", id="no count"),
    pytest.param("MAX_RETRIES", "100000", id="a count beyond all reason"),
    pytest.param("retryable", 3, id="another word"),
]


@pytest.mark.parametrize(("path", "value"), NOTHING)
def test_a_key_is_left_alone(path: str, value: str | int | bool) -> None:
    assert suggest(Key(path=path, value=value, line=1)) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (".env", True),
        (".env.production", True),
        ("api/local.env", True),
        ("config.yaml", True),
        ("config/production.toml", True),
        ("src/main/resources/application-prod.yml", True),
        ("settings.json", True),
        ("app_settings.toml", True),
        (".env.example", False),
        ("sample.env", False),
        ("config.example.yaml", False),
        ("docker-compose.yml", False),
        ("package.json", False),
        ("pyproject.toml", False),
        ("tokenizer_config.json", False),
        ("tests/config.yaml", False),
        (".github/config.yml", False),
        ("node_modules/x/config.json", False),
        ("values.yaml", False),
        ("main.py", False),
        ("notes.yaml", False),
    ],
)
def test_settings_files_by_name(name: str, expected: bool) -> None:
    assert is_settings_file(name) is expected


def test_a_kubernetes_object_is_no_settings_file() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nspec:\n  timeout: 5\n"
    assert not is_of_an_application(read_keys(text, "config.yaml"))
    assert is_of_an_application(read_keys("kind: worker\ntimeout: 5\n", "config.yaml"))
