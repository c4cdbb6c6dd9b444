"""Names of images, for comparisons."""

import re

_FILLED_IN = re.compile(r"[$%{}<>]")


def plain_name(image: str) -> str:
    """The name without tag and digest, as far as nothing in it is filled in: `$REGISTRY/shop/api:1` is
    `shop/api`."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    kept: list[str] = []
    for part in reversed(f"{head}{slash}{last.partition(':')[0]}".lower().split("/")):
        if not part or _FILLED_IN.search(part):
            break
        kept.insert(0, part)
    return "/".join(kept)
