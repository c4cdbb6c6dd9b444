"""docs/configuration.md, app-document.md and json.md: the keys of a document, made of its schema."""

import json
from collections.abc import Iterator

from expectations import ROOT
from prose import fenced, page, text
from sandbox import sandbox
from schema_tables import Schema, keys, kind, reachable

from budgetcheck.config import config_schema
from budgetcheck.readers.app_schema import app_schema
from budgetcheck.render.contract import report_schema

CONFIGURATION = {
    "headroom": "headroom: {percent: 5, floor: 1s}   # or 5%, or 2s",
    "environments": """\
environments:
  prod: {var_files: [envs/prod.tfvars], env_files: [.env.prod], workspace: prod}
  staging: {var_files: [envs/staging.tfvars]}""",
    "links": """\
links:
  - {outer: "nginx:api.example.com/*", inner: "app:assistant"}""",
    "bindings": """\
bindings:
  - {file: settings.yaml, key: llm.timeout, hop: "app:assistant/chat", setting: deadline, unit: s}""",
    "components": """\
components:
  house_client:                     # a client of your own, for `client:` of an app document
    title: our HTTP client
    layer: call
    limit:
      - {setting: timeout.read, meaning: IDLE, unit: s, grammar: duration, default: 12s,
         source: "https://wiki.example.com/http", checked: 2026-11-25, proof: vendor}""",
    "nginx": """\
nginx:
  root: docker/nginx                # what is copied to / of the container
  version: "1.27.3"
  addresses: {app: 2}               # the name app has two addresses, so a request may be tried twice""",
    "severity": "severity: {BC103: note, BC302: error}",
    "ignore": """\
ignore:
  - {rule: BC101, paths: [legacy/**], until: 2027-03-01, reason: replaced in March}""",
    "policy": """\
policy:
  must_prove: ["api.example.com/pay*"]
  max_amplification: 6
  one_retry_owner: true
  require_total: true
  max_total: 60s""",
    "lock": "lock: [BC102, BC303]",
    "fail_on": "fail_on: warning",
}
"""Key -> an example of it; the tests give each to the tool."""

_UNWRITTEN = {"headroom": "5 % and 1s, the larger", "fail_on": "`error`"}
_MORE = {
    "environments": """\
Environments that are not declared are found by file and folder name: `envs/NAME.tfvars`, `.env.NAME`,
`values-NAME.yaml`, overlays of Kustomize.""",
    "links": """\
Addresses are shown under "open ends" of a report. `budgetcheck link OUTER INNER` adds the line.""",
    "bindings": "For numbers that stand in a settings file nobody else would look into.",
    "components": """\
For a shipped component what you write replaces its facts on the same setting; everything else stays.
[Components](components/README.md) lists those; the shape is `budgetcheck schema facts`.""",
    "severity": """\
It holds for all findings of the rule, also for those that are a warning because they rest on a guess.""",
    "ignore": "See [suppressions](suppressions.md).",
    "policy": "See the rules [BC801](rules/BC801.md) to [BC805](rules/BC805.md).",
}
_ABOUT_CONFIGURATION = """\
`budgetcheck.yaml`, or `[tool.budgetcheck]` in `pyproject.toml`, beside the inputs or above them up to the
root of the repository. All of it is optional; an unknown key is an error. `budgetcheck init` writes a first
one from what it found. Paths are relative to the file. Options of the [command line](command-line.md) win
over it.

With `# yaml-language-server: $schema=...` in the first line an editor completes and checks it; the schema
is [`schemas/budgetcheck.schema.json`](../schemas/budgetcheck.schema.json), also printed by `budgetcheck
schema budgetcheck`.

A duration is a number with a unit, or several: `500ms`, `20s`, `1m30s`.
"""
_ABOUT_APP = """\
An application that budgetcheck cannot read (another language, code elsewhere, a client of your own) can
state what it waits for. Any YAML file with these keys is one; `app.yaml` is the usual name. A field that is
left out takes the component's default, and the report says so.

`budgetcheck init --infer` writes a first one from Python code. The schema is
[`schemas/app.schema.json`](../schemas/app.schema.json), also printed by `budgetcheck schema app`; in the
first line of a document, `# yaml-language-server: $schema=...` makes an editor complete and check it.
"""
_ABOUT_REPORT = """\
`--format json` prints a stable contract, `budgetcheck/report/v1`. Within v1 fields may be added, so a
reader must ignore the ones it does not know; none is removed or changes its meaning. The schema is
[`schemas/report.schema.json`](../schemas/report.schema.json), also printed by `budgetcheck schema report`.

The same input gives the same bytes: no time stamp, no absolute path, sorted.

## How to read it

- Durations are whole milliseconds. A null number is unknown, unless its `unlimited` sibling is true.
- `value_ms` is the value as configured, never capped. A range has a null value and `low_ms`, `high_ms`.
- `origin` is `written`, `inherited`, `default`, `cap` or `unresolved`; unwritten defaults are listed too.
- `budget_ms` is what the outer hop grants, `needed_ms` what the inner one may need.
- `hang_ms` is the worst case that gives the verdict: every dependency accepts the connection, then is silent.
  `strict_ms` also counts dead hosts, TLS, DNS, pools and `Retry-After`.
- A `fingerprint` stays the same as long as rule, hops and settings do: no line and no value is in it.
- An `id` is a stable address: `nginx:SERVER/LOCATION`, `terraform:aws_lb.api`, `python:FILE:FUNCTION`,
  `app:SERVICE/ROUTE`.
"""
_JQ = """\
$ budgetcheck --format json . | jq -r '.findings[] | [.severity, .rule, .path, .line] | @tsv'
$ budgetcheck --format json . | jq -r '.routes[] | select(.verdict != "fits") | .name'
$ budgetcheck --format json . | jq -r '.open_ends[] | [.side, .hop] | @tsv'"""

APP = """\
service: assistant
server: {kind: gunicorn, worker_class: uvicorn_worker.UvicornWorker, timeout: 30s}
routes:
  - path: /chat
    methods: [POST]
    deadline: 25s                  # an enforced total, if the application has one
    calls:                         # in order; `parallel` and `loop` nest
      - {to: api.openai.com, client: openai, timeout: {connect: 5s, read: 20s}}
      - {to: postgres, client: psycopg, statement_timeout: 5s}
  - path: /agent
    methods: [POST]
    streaming: true
    heartbeat: 15s
    calls:
      - loop:
          max: 8
          calls:
            - {to: api.anthropic.com, client: anthropic, timeout: 60s, max_retries: 0}
            - parallel:
                - {to: search.example.com, client: httpx, timeout: 5s}
                - {to: redis, client: redis}
"""


def configuration() -> str:
    """Every key of budgetcheck.yaml."""
    schema = config_schema()
    definitions = schema["definitions"]
    parts = []
    for name, one in schema["properties"].items():
        parts += [
            f"## {name}",
            text(one.get("description") or definitions["Nginx"]["description"]),
            f"Type: {kind(one, definitions, linked=False)}. Default: {_UNWRITTEN.get(name, 'none')}.",
            fenced(CONFIGURATION[name], "yaml"),
            *(keys(definitions[inner], definitions) for inner in reachable(one, definitions)),
            _MORE.get(name, ""),
        ]
    return page(
        "# Configuration",
        _ABOUT_CONFIGURATION,
        *parts,
    )


def app_document() -> str:
    """Every key of an app document."""
    schema = app_schema()
    definitions = schema["definitions"]
    return page(
        "# App document",
        _ABOUT_APP,
        fenced(APP, "yaml"),
        "## The document",
        keys(schema, definitions),
        *_objects(schema),
    )


def _objects(schema: Schema, *, always: bool = False) -> Iterator[str]:
    definitions = schema["definitions"]
    for name in reachable(schema, definitions):
        one = definitions[name]
        yield f"## {name}"
        yield text(one.get("description", ""))
        yield keys(one, definitions, always=always)


def report() -> str:
    """The JSON report's contract."""
    schema = report_schema()
    definitions = schema["definitions"]
    with sandbox(ROOT / "samples" / "llm-assistant") as copy:
        real = copy.run("budgetcheck --format json infra app.yaml").report
    finding = real["findings"][0]
    shown = {key: finding[key] for key in list(finding)[:14]} | {"steps": finding["steps"][:2]}
    return page(
        "# The JSON report",
        _ABOUT_REPORT,
        "## A finding of a real report",
        "Of `samples/llm-assistant`; further keys and steps are left out.",
        fenced(json.dumps(shown, indent=2, ensure_ascii=False), "json"),
        "## With jq",
        fenced(_JQ, "console"),
        "## The report",
        "Every key is there in every report, unless a default says what its absence means.",
        keys(schema, definitions, always=True),
        *_objects(schema, always=True),
    )


def pages() -> dict[str, str]:
    """Name of the file in docs/ -> its text."""
    return {"configuration.md": configuration(), "app-document.md": app_document(), "json.md": report()}
