"""docs/command-line.md: every command as its own help describes it."""

from expectations import run_cli
from prose import code, fenced, page, table, text

from budgetcheck.cli import EXIT_CODES, main

EXAMPLES = {
    "": """\
$ budgetcheck                              # the current directory
$ budgetcheck infra/ app.yaml              # these files and directories, as one system
$ nginx -T | budgetcheck - app.yaml        # what a server really runs
$ budgetcheck --format text --format sarif=budgetcheck.sarif .
$ budgetcheck --explain-route '*/chat' .   # a whole chain, with every limit""",
    "route": "$ budgetcheck route --method POST api.example.com/chat infra/ app.yaml",
    "why": "$ budgetcheck why --status 504 --after 60s api.example.com/chat infra/ app.yaml",
    "what-if": """\
$ budgetcheck what-if proxy_read_timeout=65s openai::max_retries=0
$ budgetcheck what-if --path infra 'nginx:api.example.com/*::proxy_read_timeout=65s'""",
    "fix": """\
$ budgetcheck fix infra/ app.yaml          # diffs, nothing is written
$ budgetcheck fix --write shorter-limit infra/ app.yaml""",
    "diff": """\
$ budgetcheck diff main                    # the files as they are, against a branch
$ budgetcheck diff v1.4 v1.5
$ budgetcheck diff old-infra/ new-infra/   # two directories""",
    "comment": "$ budgetcheck comment --pull-request 12 --dry-run",
    "init": """\
$ budgetcheck init                         # writes budgetcheck.yaml
$ budgetcheck init --infer services/chat   # prints an app document""",
    "link": "$ budgetcheck link 'nginx:api.example.com/*' app:assistant",
    "explain": "$ budgetcheck explain BC102",
    "rules": "$ budgetcheck rules",
    "components": "$ budgetcheck components openai",
    "schema": "$ budgetcheck schema report > report.schema.json",
    "completion": '$ eval "$(budgetcheck completion bash)"',
}
"""Command -> what people type; the tests parse each line."""

_ABOUT = """\
Options may stand before or after paths. The report goes to standard output, all else to standard error.
Colour follows `NO_COLOR` and `FORCE_COLOR`. What a pipeline needs is in [CI](ci.md).
"""
_MORE_CODES = """\
`route` and `why` exit with 3 where nothing takes the request, `what-if` with 1 where the change makes a new
finding, `fix` with 1 where findings have no remedy that could be written, `diff` with 1 for a new finding.
"""


def pages() -> dict[str, str]:
    """Name of the file in docs/ -> its text."""
    return {"command-line.md": command_line()}


def command_line() -> str:
    """All commands."""
    parts = []
    for name in ("", *main.subcommands):
        words = [name, "--help"] if name else ["--help"]
        parts.append(f"## {f'budgetcheck {name}'.strip()}")
        parts += [fenced(EXAMPLES[name], "console"), fenced(run_cli(*words).stdout, "text")]
    rows = [(code(number), text(meaning)) for number, meaning in EXIT_CODES]
    names = ", ".join(f"[{name}](#budgetcheck-{name})" for name in main.subcommands)
    return page(
        "# Command line",
        f"Without a command it checks; the commands are {names}.",
        _ABOUT,
        "## Exit codes",
        table(("code", "meaning"), rows),
        _MORE_CODES,
        *parts,
    )
