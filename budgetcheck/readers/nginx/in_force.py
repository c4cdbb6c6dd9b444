"""Which settings are in force in a block: its own, else those of the nearest block around it.

Each directive is inherited alone and replaced as a whole; values stay raw text.
https://nginx.org/en/docs/http/ngx_http_proxy_module.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Known, OneOf, Problem, ProblemKind, Setting, Unresolved, Value
from budgetcheck.readers.nginx.context import Block
from budgetcheck.readers.nginx.directives import ANY_NUMBER, DECISIVE, ONE_OR_TWO, STREAM_DECISIVE
from budgetcheck.readers.nginx.expansion import Gap, Placed
from budgetcheck.readers.nginx.syntax import Branch
from budgetcheck.readers.nginx.templates import expression_in

_REPLACED = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?:ms|s|m|h|d)?")
_RENDER = "the value that the template puts in, or the rendered file (`nginx -T`)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InForce:
    """The settings that hold inside a block.

    Attributes:
        own: written in the block itself.
        outer: inherited from around it.
        gap: the innermost place around here where further statements may stand that nobody can see.
        certain: settings written where such a place cannot change them any more.
    """

    own: Mapping[str, Setting] = field(default_factory=dict)
    outer: Mapping[str, Setting] = field(default_factory=dict)
    gap: Gap | None = None
    certain: frozenset[str] = frozenset()

    def get(self, name: str) -> Setting | None:
        """The setting in force of that name, its own before an inherited one."""
        return self.own.get(name) or self.outer.get(name)

    def settings(self, family: str) -> list[Setting]:
        """All settings, sorted by name; those a gap may have changed for this family are unresolved.

        `family` is `stream` for the stream module.
        """
        found = {**self.outer, **self.own}
        if self.gap:
            names = STREAM_DECISIVE if family == "stream" else [f"{family}_{name}" for name in DECISIVE]
            for name in names:
                if name not in self.certain:
                    found[name] = _unseen(name, self.gap)
        return [found[name] for name in sorted(found)]


NOTHING = InForce()


def enter(around: InForce, block: Block, names: Mapping[str, object], problems: list[Problem]) -> InForce:
    """What is in force inside `block`, where `around` is what it inherits.

    `names` are the directives that become settings. What nginx refuses is added to `problems`.
    """
    written = [name for name in block.directives if name in names]
    own = {name: make_setting(name, block, problems) for name in written}
    gap = block.gaps[0] if block.gaps else around.gap
    certain = frozenset(own) if block.gaps else around.certain.union(own) if gap else frozenset[str]()
    return InForce(own=own, outer=around.outer, gap=gap, certain=certain)


def pass_on(inside: InForce) -> InForce:
    """What the blocks in a block inherit from it."""
    if not inside.own:
        return inside
    own = {name: replace(setting, origin=Origin.INHERITED) for name, setting in inside.own.items()}
    return replace(inside, own={}, outer={**inside.outer, **own})


def make_setting(name: str, block: Block, problems: list[Problem], prefix: str = "") -> Setting:
    """The setting that the statements of one name directly in a block make.

    Its spans are the directive and the includes between the block and it. `prefix` is put before the
    directive's name (`upstream.`).
    """
    written = block.directives[name]
    value = _value(name, written, block.branch, problems)
    around = len(block.opener.where.via) if block.opener else 0
    spans = written[0].spans
    return Setting(name=prefix + name, value=value, spans=spans[: len(spans) - around])


def _unseen(name: str, gap: Gap) -> Setting:
    return Setting(
        name=name,
        value=Unresolved(reason=gap.reason, needs=gap.needs),
        spans=(gap.span,),
        origin=Origin.UNRESOLVED,
    )


def _value(name: str, written: Sequence[Placed], branch: Branch | None, problems: list[Problem]) -> Value:
    conditional = [placed for placed in written if placed.branch and placed.branch is not branch]
    if conditional:
        return _conditional_value(name, written, problems)
    if len(written) > 1 and name not in ANY_NUMBER:
        first, second = written[0].statement, written[1].statement
        problems.append(
            Problem(
                span=second.span,
                text=f"`{name}` is written twice in one block: nginx refuses the configuration",
                fix=f"delete this one or the one at {first.span.place}",
                kind=ProblemKind.INVALID,
            )
        )
        return Unresolved(reason=f"`{name}` is written twice in one block", needs="delete one of them")
    values = [_single_value(name, placed, problems) for placed in written]
    unresolved = next((value for value in values if not isinstance(value, Known)), None)
    # lists written in several statements add up
    return unresolved or Known(
        value=" ".join(str(value.value) for value in values if isinstance(value, Known))
    )


def _conditional_value(name: str, written: Sequence[Placed], problems: list[Problem]) -> Value:
    """A value that depends on a condition of the template: all of them if one of them is always taken."""
    branches = {placed.branch for placed in written}
    values = [_single_value(name, placed, problems) for placed in written]
    known = [value.value for value in values if isinstance(value, Known)]
    branch = written[0].branch
    if len(branches) == 1 and branch and branch.arms == len(written) == len(known):
        different = tuple(dict.fromkeys(known))
        if len(different) == 1:
            return Known(value=different[0])
        return OneOf(values=different, reason=f"the template decides at line {branch.line}")
    reason = f"`{name}` stands under a condition of the template"
    return Unresolved(reason=reason, needs=_RENDER)


def _single_value(name: str, placed: Placed, problems: list[Problem]) -> Value:
    args = placed.args
    if placed.statement.choices:
        return OneOf(values=placed.statement.choices, reason=placed.statement.reason)
    expression = next(_expressions(args), "")
    if expression:
        more = f": {placed.statement.reason}" if placed.statement.reason else ""
        reason = f"the value comes from the template expression {expression}{more}"
        return Unresolved(reason=reason, needs=_RENDER)
    most = len(args) if name in ANY_NUMBER else 2 if name in ONE_OR_TWO else 1
    if not args or len(args) > most:
        problems.append(_arity_problem(name, placed))
        return Unresolved(reason=f"`{name}` has {len(args)} arguments", needs="one value that nginx accepts")
    return Known(value=" ".join(args) if name in ANY_NUMBER else args[0])


def _expressions(args: Sequence[str]) -> Iterator[str]:
    """What is filled in later; `READ_TIMEOUT` is no value of nginx, but what a script searches for."""
    return (
        expression
        for arg in args
        if (expression := expression_in(arg) or (arg if _REPLACED.fullmatch(arg) else ""))
    )


def _arity_problem(name: str, placed: Placed) -> Problem:
    args = placed.args
    if not args:
        text = "has no value"
        fix = f"write `{name} 30s;`" if name.endswith(("timeout", "time")) else "add the value"
    elif all(arg[:1].isdigit() for arg in args):
        joined = " ".join(args)
        text = (
            f"takes one value, and `{joined}` without quotes is {len(args)}: nginx refuses the configuration"
        )
        fix = f'write `{name} {"".join(args)};` or `{name} "{joined}";`'
    else:
        text = f"takes one value and got {len(args)}: nginx refuses the configuration"
        fix = f"write `{name} {args[0]};`, and look for a missing `;` or line break"
    return Problem(span=placed.statement.span, text=f"`{name}` {text}", fix=fix, kind=ProblemKind.INVALID)
