"""What of the user's source may stand in a message."""

import re

_QUOTED = re.compile(r'"([^"]*)"')
_HARMLESS = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h)?|\$\{[\w.\[\]+*/ -]+\}(?:ms|s|m|h)?)?")
_COMPARED = re.compile(r'[!=]=\s*"[\w-]{1,24}"')
_LONGEST = 90


def shown(name: str, expression: str) -> str:
    """`name = expression` for messages, only `name` where the expression may hold a secret.

    Quoted text is shown where it is a number, a duration, a reference or compared with (`== "prod"`).
    """
    text = f"{name} = {expression}"
    if "\n" in expression or len(text) > _LONGEST:
        return name
    if all(_HARMLESS.fullmatch(quoted) for quoted in _QUOTED.findall(_COMPARED.sub("", expression))):
        return text
    return name
