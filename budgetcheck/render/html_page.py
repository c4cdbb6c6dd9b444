"""The template, filled: everything that comes from files is made harmless on its way in, whatever it is.

Each value goes through `harmless` before it is escaped, so no part of the template can forget it. What is
executed is known by its hash, and nothing else is (https://www.w3.org/TR/CSP3/#grammardef-hash-source).
"""

import json
import re
from base64 import b64encode
from hashlib import sha256

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from budgetcheck.render.escape import visible
from budgetcheck.render.html_assets import SCRIPTS, asset, script
from budgetcheck.render.json_text import Json

_COMMAND = re.compile(r"##(?=\[|vso\[)", re.IGNORECASE)


def fill(data: Json, **values: object) -> str:
    """The whole document. `data` is what its scripts read; `values` are what the template shows."""
    code, style = "\n".join(map(script, SCRIPTS)), asset("report.css")
    template = _environment().get_template("report.html.j2")
    return template.render(
        **values,
        style=Markup(style),
        script=Markup(code),
        policy=policy(code, style),
        data=embedded(data),
    )


def policy(code: str, style: str) -> str:
    """Nothing is loaded, nothing is sent, and only this style and this script count."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(code)}'",
            f"style-src '{_hash(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def embedded(data: Json) -> Markup:
    """JSON for a `script` element: ASCII in which nothing can end the element or begin a comment or command.

    U+2028 and everything else that does not print is an escape, as is every `<`, `>`, `&` and `#`.
    """
    text = json.dumps(data, separators=(",", ":"))
    for character in "<>&#":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # all of its characters were looked at


def harmless(value: object) -> object:
    """A value on its way into the page: visible characters only, no command of a CI runner, escaped."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return Markup(_COMMAND.sub("#&#35;", str(escape(visible(value)))))  # escaped just now


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _environment() -> Environment:
    return Environment(
        autoescape=True,
        finalize=harmless,
        loader=FunctionLoader(asset),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
