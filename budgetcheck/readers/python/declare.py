"""Declarations of what was found in code: calls, and what stands round them. Each place is declared once."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from budgetcheck.model.settings import Declaration, Problem, ProblemKind
from budgetcheck.model.topology import Target, Work
from budgetcheck.readers.python.values import Request, Trap, Wrapper
from budgetcheck.readers.python.work import addresses_in, calls_in

Version = Callable[[str, str], str]
"""Version of a distribution (`openai`) for a file that uses it; empty where no lock file says it."""

ENFORCED = "enforced"
_MOST = 5_000
"""Declarations of one run: more are not looked at."""


@dataclass(slots=True, kw_only=True)
class Declared:
    """The declarations made so far.

    The same call is declared again where it is bound to other settings, or runs elsewhere (on the event loop,
    in a thread): its address then gets a number.
    """

    version: Version
    declarations: dict[str, Declaration] = field(default_factory=dict)
    problems: dict[Problem, None] = field(default_factory=dict)
    _places: dict[Declaration, str] = field(default_factory=dict)

    def call(self, request: Request, function: str, *, on_loop: bool) -> str:
        """The address of a call that stands in a function (`path.py:Class.method`)."""
        blocks = request.blocking
        traits = [*request.traits, ("blocking", "yes" if blocks else "no")]
        traits += [("on_event_loop", "yes")] if on_loop else []
        traits += [("method", request.method)] if request.method else []
        traits += [("streaming", "yes")] if request.streaming else []
        declaration = Declaration(
            component=request.component,
            address="",
            title=f"{request.host or request.what or request.component} ({request.component})",
            span=request.span,
            settings=tuple(sorted(request.settings, key=lambda setting: setting.name)),
            traits=tuple(dict.fromkeys(traits)),
            targets=_targets(request),
            version=self.version(request.version_of, request.span.file) if request.version_of else "",
        )
        return self._address(declaration, f"python:{function}#{request.component}", request.problems)

    def wrapper(self, wrapper: Wrapper, function: str, body: Work) -> str:
        """The address of what stands round some work in a function."""
        traits = [*wrapper.traits, ("kind", wrapper.kind), ("cancels", wrapper.cancels)]
        if wrapper.kind == "deadline" and wrapper.cancels != "always" and self._cannot_be_cut(wrapper, body):
            traits.append((ENFORCED, "no"))
        declaration = Declaration(
            component=wrapper.component,
            address="",
            title=f"{wrapper.span.text or wrapper.component} ({wrapper.component})",
            span=wrapper.span,
            settings=tuple(sorted(wrapper.settings, key=lambda setting: setting.name)),
            traits=tuple(dict.fromkeys(traits)),
            version=self.version(wrapper.version_of, wrapper.span.file) if wrapper.version_of else "",
        )
        return self._address(declaration, f"python:{function}@{wrapper.component}", wrapper.problems)

    def components(self, work: Work) -> frozenset[str]:
        """What the work is made of: the components of its calls and of what stands round them."""
        return frozenset(
            self.declarations[one].component for one in addresses_in(work) if one in self.declarations
        )

    def _cannot_be_cut(self, wrapper: Wrapper, body: Work) -> bool:
        """Only an `await` can be cut: a call that blocks the event loop keeps the deadline itself waiting."""
        if wrapper.cancels == "never":
            return True
        found = (self.declarations[address] for address in calls_in(body) if address in self.declarations)
        return any(one.trait("blocking") == "yes" and one.trait("on_event_loop") == "yes" for one in found)

    def _address(self, declaration: Declaration, first: str, traps: tuple[Trap, ...]) -> str:
        if declaration in self._places:
            return self._places[declaration]
        address, number = first, 1
        while address in self.declarations:
            number += 1
            address = f"{first}#{number}"
        self._places[declaration] = address
        if len(self.declarations) < _MOST:
            self.declarations[address] = replace(declaration, address=address)
        for trap in traps:
            self.problems[_problem(trap, address, declaration.component)] = None
        return address


def _targets(request: Request) -> tuple[Target, ...]:
    if request.function:
        return (Target(group=request.function, span=request.span),)
    return (Target(host=request.host, span=request.span),) if request.host else ()


def _problem(trap: Trap, address: str, component: str) -> Problem:
    return Problem(
        span=trap.span,
        text=trap.text,
        fix=trap.fix,
        kind=ProblemKind[trap.kind],
        address=address,
        component=component,
        setting=trap.setting,
    )
