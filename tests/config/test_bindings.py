"""Bindings: a key of a settings file becomes the value of a hop's setting, or it is said why not."""

from pathlib import Path

import pytest

from budgetcheck.model.limits import Origin
from budgetcheck.model.report import Report
from budgetcheck.run import run

APP = """service: assistant
server: {kind: uvicorn}
routes:
  - path: /chat
    methods: [POST]
    calls:
      - {to: api.openai.com, client: openai}
"""
NGINX = "server { listen 80; location / { proxy_pass http://assistant:8000; proxy_read_timeout 30s; } }\n"
CALL = "app:assistant/chat#api.openai.com"


def checked(tmp_path: Path, files: dict[str, str], *bindings: str) -> Report:
    listed = "".join(f"  - {{{binding}}}\n" for binding in bindings)
    for name, text in {
        "app.yaml": APP,
        "nginx.conf": NGINX,
        **files,
        "budgetcheck.yaml": f"bindings:\n{listed}",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return run([tmp_path / "app.yaml", tmp_path / "nginx.conf"], cwd=tmp_path)


def limit(report: Report, setting: str) -> tuple[int | None, Origin, list[str]]:
    """Milliseconds, origin and places of a limit of the call."""
    hops = [hop.hop for route in report.routes for hop in route.hops if hop.hop.address == CALL]
    found = next(one for one in hops[0].limits if one.setting == setting)
    return found.bound.value, found.origin, [span.place for span in found.spans]


READ = f"hop: '{CALL}', setting: timeout.read"
FORMATS = [
    pytest.param("settings.yaml", "llm:\n  openai:\n    read: 12\n", "llm.openai.read", 3, id="YAML"),
    pytest.param("settings.toml", "[llm.openai]\n# seconds\nread = 12\n", "llm.openai.read", 3, id="TOML"),
    pytest.param(
        "settings.toml", "[[llm]]\nread = 9\n[[llm]]\nread = 12\n", "llm.1.read", 4, id="TOML tables"
    ),
    pytest.param("settings.json", '{"llm": {\n "read": 12}}\n', "llm.read", 2, id="JSON"),
    pytest.param("settings.json", '{"llm": [{"read": 12}]}\n', "llm.0.read", 1, id="a list"),
    pytest.param(".env", "# limits\nexport LLM_READ='12'\n", "LLM_READ", 2, id=".env"),
    pytest.param("settings.ini", "[llm]\nread = 12 ; seconds\n", "llm.read", 2, id="ini"),
    pytest.param("app.properties", "llm.read=12\n", "llm.read", 1, id="properties"),
]


@pytest.mark.parametrize(("file", "text", "key", "line"), FORMATS)
def test_a_key_of_any_settings_file(tmp_path: Path, file: str, text: str, key: str, line: int) -> None:
    report = checked(tmp_path, {f"config/{file}": text}, f"file: config/{file}, key: {key}, {READ}")
    milliseconds, origin, places = limit(report, "timeout.read")
    assert (milliseconds, origin) == (12_000, Origin.WRITTEN)
    assert places == [f"config/{file}:{line}", "budgetcheck.yaml:2"]


VALUES = [
    pytest.param("20", "", 20_000, id="a bare number is in the component's unit"),
    pytest.param("20", ", unit: ms", 20, id="unless the binding says another"),
    pytest.param("20s", ", unit: ms", 20_000, id="a unit in the value goes before that"),
    pytest.param("1500ms", "", 1_500, id="milliseconds"),
    pytest.param("1m30s", "", 90_000, id="minutes"),
    pytest.param("2.5", "", 2_500, id="a fraction"),
    pytest.param("'20'", "", 20_000, id="a text that is a number"),
    pytest.param("'${TIMEOUT:-20}'", "", None, id="a template is not known"),
    pytest.param("soon", "", None, id="a word is not known"),
]


@pytest.mark.parametrize(("value", "more", "expected"), VALUES)
def test_units(tmp_path: Path, value: str, more: str, expected: int | None) -> None:
    report = checked(tmp_path, {"s.yaml": f"read: {value}\n"}, f"file: s.yaml, key: read, {READ}{more}")
    milliseconds, origin, _ = limit(report, "timeout.read")
    assert milliseconds == expected
    assert (origin is Origin.WRITTEN) is (expected is not None)


def test_a_bound_value_decides_the_verdict(tmp_path: Path) -> None:
    report = checked(
        tmp_path,
        {"s.yaml": "read: 20\nretries: 2\n"},
        f"file: s.yaml, key: read, {READ}",
        f"file: s.yaml, key: retries, hop: '{CALL}', setting: max_retries",
    )
    (finding,) = [one for one in report.findings if one.rule == "BC102"]
    assert (finding.budget_ms, finding.needed_ms) == (30_000, 61_500)
    assert any(step.span is not None and step.span.file == "s.yaml" for step in finding.steps)


def test_one_binding_for_several_hops(tmp_path: Path) -> None:
    report = checked(
        tmp_path, {"s.yaml": "read: 7\n"}, "file: s.yaml, key: read, hop: 'app:*#api.*', setting: timeout"
    )
    assert limit(report, "timeout.read")[0] == 7_000


WRONG = [
    pytest.param(
        f"file: s.yaml, key: llm.raed, {READ}",
        "s.yaml has no key llm.raed (did you mean llm.read?)",
        id="key",
    ),
    pytest.param(
        "file: s.yaml, key: llm.read, hop: 'app:asistant/chat#api.openai.com', setting: timeout",
        f"no hop has the address app:asistant/chat#api.openai.com (did you mean {CALL}?)",
        id="hop",
    ),
    pytest.param(
        f"file: s.yaml, key: llm.read, hop: '{CALL}', setting: max_retires",
        "openai has no setting max_retires (did you mean max_retries?)",
        id="setting",
    ),
    pytest.param(f"file: bad.toml, key: read, {READ}", "bad.toml cannot be used: is not TOML", id="file"),
]


@pytest.mark.parametrize(("binding", "text"), WRONG)
def test_a_binding_without_effect_is_said(tmp_path: Path, binding: str, text: str) -> None:
    files = {"s.yaml": "llm:\n  read: 7\nsecret: hunter2\n", "bad.toml": "read = \n"}
    report = checked(tmp_path, files, binding)
    (finding,) = [one for one in report.findings if one.rule == "BC901"]
    assert text in finding.message
    assert (finding.span.file, finding.span.line) == ("budgetcheck.yaml", 2)
    assert "hunter2" not in finding.message
