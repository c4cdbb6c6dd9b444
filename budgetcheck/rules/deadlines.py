"""The deadlines that code puts round calls, each with the calls inside: what two rules look at."""

from collections.abc import Iterator
from dataclasses import dataclass

from budgetcheck.assess import Assessment
from budgetcheck.costs import Maker
from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.topology import Hop
from budgetcheck.rules.retry_layers import first_class, makers_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A wrapper with a total, and one call inside it as that would be without the wrapper's end."""

    wrapper: Hop
    limit: Limit
    maker: Maker

    @property
    def enforced(self) -> bool:
        """It can end what it stands round."""
        return self.wrapper.trait("enforced") != "no"


def deadlines(assessment: Assessment) -> Iterator[Deadline]:
    """Every deadline round a call of the route."""
    for maker in makers_of(assessment, first_class(assessment)):
        for wrapper in maker.layers:
            limit = wrapper.limit(Meaning.TOTAL)
            if limit is not None:
                yield Deadline(wrapper=wrapper, limit=limit, maker=maker)
