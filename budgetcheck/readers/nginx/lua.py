"""Takes Lua out of nginx files before they are parsed.

Braces, quotes and `;` of Lua mean nothing to nginx, and Lua is full of what looks like a template (`{{`,
`[[`). The code is blanked, line breaks stay, and the directive is renamed to a plain empty block.
"""

import re

BLANKED = "_by_lua_blank"
"""What `_by_lua_block` becomes: the same length, and no Lua lexer takes an interest in it."""

_BLOCK = re.compile(r"\b(\w{1,40})_by_lua_block\b([^{};]{0,200})\{")  # bounded: never quadratic
_NEXT = re.compile(r"--\[(=*)\[|--|\[(=*)\[|[\"'{}]")


def blank_lua(text: str) -> str:
    """The text with the body of every `*_by_lua_block` emptied; text without Lua is returned as it is."""
    if "_by_lua_block" not in text:
        return text
    parts = []
    position = 0
    while match := _BLOCK.search(text, position):
        end = _end_of_block(text, match.end())
        parts += [text[position : match.start()], f"{match[1]}{BLANKED}{match[2]}{{"]
        parts.append("\n" * text.count("\n", match.end(), end))
        position = end
    return "".join([*parts, text[position:]])


def _end_of_block(text: str, position: int) -> int:
    """Where the closing brace of the block stands; the end of the text if it is missing."""
    depth = 1
    while match := _NEXT.search(text, position):
        token = match[0]
        position = match.end()
        if token == "{":
            depth += 1
        elif token == "}":
            depth -= 1
            if depth == 0:
                return match.start()
        elif token == "--":
            position = _after(text, "\n", position)
        elif token in ('"', "'"):
            position = _after_string(text, token, position)
        else:  # a long bracket, as a string or as a comment
            level = match[1] if token.startswith("--") else match[2]
            position = _after(text, f"]{level}]", position)
    return len(text)


def _after(text: str, closer: str, position: int) -> int:
    found = text.find(closer, position)
    return len(text) if found < 0 else found + len(closer)


def _after_string(text: str, quote: str, position: int) -> int:
    while position < len(text) and text[position] not in (quote, "\n"):
        position += 2 if text[position] == "\\" else 1
    return position + 1
