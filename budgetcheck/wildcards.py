"""Names of hops and routes with `*` in them, as configurations and command lines give them."""

import re


def fits(name: str, pattern: str) -> bool:
    """`*` stands for any text; all else is itself, also the brackets of `aws_lb.edge[0]`."""
    if name == pattern or pattern == "*":
        return True
    if "*" not in pattern:
        return False
    return bool(re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL))
