"""Whose main file a configuration belongs to: what it leaves out has that file's values.

httpd itself waits 60 s where no `Timeout` is written; the `apache2.conf` of Debian and Ubuntu writes 300.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.claims import starts_containers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetcheck.model.span import Span
    from budgetcheck.readers.apache.expansion import Lookup
    from budgetcheck.readers.processes.runners import Runner

_PLACES = frozenset(
    {
        "balancermember",
        "listen",
        "proxy",
        "proxypass",
        "proxypassmatch",
        "proxyset",
        "rewriterule",
        "servername",
    }
) | {"sethandler", "virtualhost"}
_ADDRESS = re.compile(r"[\w.:/*\[\]-]{0,200}")
MAIN_FILE = "main-file"
"""The main file is among these files."""
UPSTREAM, DEBIAN, UNKNOWN = "upstream", "debian", "unknown"

_UPSTREAM = re.compile(r"(?:.*/)?httpd(?:[:@].*)?|.*(?:fedora|centos|rockylinux|almalinux|ubi\d?|alpine).*")
_DEBIAN = re.compile(r"(?:.*/)?(?:debian|ubuntu|wordpress|drupal|nextcloud|php)(?:[:@].*)?")


def containers(context: ReadContext) -> "Sequence[Runner]":
    """All containers that these files start."""
    if not any(map(starts_containers, context.siblings)):
        return ()
    # Loads the formats that say which containers there are.
    from budgetcheck.readers.variables import environment_index

    return environment_index(context).runners


def packaging_of(file: Path, context: ReadContext) -> str:
    """By the image of the container that has the file; `unknown` where none is known."""
    having = [one for one in containers(context) if one.configures_apache(file)]
    found = {_of_image(one.image) for one in having}
    return found.pop() if len(found) == 1 else UNKNOWN


def environment_of(file: Path, context: ReadContext) -> "Lookup":
    """What httpd sees in its environment, where the container that has the file is known.

    Only what is a time, a count or an address is filled in: anything else may be a secret.
    """

    def lookup(name: str, directive: str) -> "tuple[str, tuple[Span, ...]] | None":
        if not any(map(starts_containers, context.siblings)):
            return None
        from budgetcheck.readers.processes.texts import harmless
        from budgetcheck.readers.variables import environment_index

        text = environment_index(context).variables_of(file).get(name)
        known = text.known.strip() if text is not None and text.known else ""
        allowed = _ADDRESS.fullmatch(known) if directive in _PLACES else harmless(known)
        return (known, text.spans) if text is not None and known and allowed else None

    return lookup


def _of_image(image: str) -> str:
    if _UPSTREAM.fullmatch(image):
        return UPSTREAM
    return DEBIAN if _DEBIAN.fullmatch(image) else UNKNOWN
