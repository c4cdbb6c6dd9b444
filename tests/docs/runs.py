"""Runs inside hand-written documents: between two comments stands what the commands really print.

    <!-- run samples/unlinked: budgetcheck --quiet . -->
    <!-- end -->

The commands of one document share one copy of each sample, so a later command sees what an earlier one wrote.
Several commands are separated by ` && `; `cat FILE` shows a file.
"""

import re
from contextlib import ExitStack

from expectations import ROOT
from prose import fenced
from sandbox import Sandbox, sandbox

_RUN = re.compile(r"(<!-- run (?P<sample>[\w./-]+): (?P<commands>.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_runs(document: str) -> str:
    """The document with every run made anew."""
    with ExitStack() as stack:
        copies: dict[str, Sandbox] = {}

        def again(match: re.Match[str]) -> str:
            sample = match["sample"]
            if sample not in copies:
                copies[sample] = stack.enter_context(sandbox(ROOT / sample))
            shown = [copies[sample].shown(command) for command in match["commands"].split(" && ")]
            return f"{match[1]}{fenced(chr(10).join(shown), 'console')}\n{match[4]}"

        return _RUN.sub(again, document)
