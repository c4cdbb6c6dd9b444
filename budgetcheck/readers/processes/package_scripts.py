"""Scripts of package.json: which one a package manager is asked for, and its text."""

import json
import re
from collections.abc import Sequence

from budgetcheck.readers.processes.shell_state import Arg

_PM2_SCRIPT = re.compile(r"['\"]?\bscript['\"]?\s*:\s*['\"]([^'\"\n]{1,200})['\"]")


def script_name(args: Sequence[Arg]) -> str:
    """`start` of `npm start`, `start:prod` of `yarn run start:prod`."""
    words = [arg.text.known or "-" for arg in args]
    left = [word for word in words if not word.startswith("-")]
    if left and left[0] in ("run", "run-script"):
        left = left[1:]
    return left[0] if left else ""


def main_of(package_json: str) -> str:
    """The file that stands for a package; empty where it is not said."""
    main = _field(package_json, "main")
    return main if isinstance(main, str) else ""


def ecosystem_script(text: str) -> str:
    """The only script that a configuration file of PM2 starts; empty where there are several or none."""
    found = set(_PM2_SCRIPT.findall(text))
    return found.pop() if len(found) == 1 else ""


def _field(package_json: str, name: str) -> object:
    try:
        package = json.loads(package_json)
    except (ValueError, RecursionError):
        return None
    return package.get(name) if isinstance(package, dict) else None


def script_of(package_json: str, name: str) -> str:
    """The text of a script of package.json; empty where there is none."""
    scripts = _field(package_json, "scripts")
    text = scripts.get(name) if isinstance(scripts, dict) else None
    return text if isinstance(text, str) else ""
