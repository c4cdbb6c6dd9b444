"""The scope of what may only be constant: var files and type constraints."""

from budgetcheck.readers.terraform.scope import Names
from budgetcheck.readers.terraform.values import Fuel, Value, failed


class Nothing(Names):
    """A scope without names and functions."""

    def __init__(self) -> None:
        self.fuel = Fuel()
        self.origin = ""

    def _refuse(self) -> Value:
        return failed("only constants may stand here")

    def address(self, name: str) -> str:  # noqa: ARG002 - nothing is read from here
        """Nowhere."""
        return ""

    def variable(self, name: str) -> Value:
        """Not allowed here."""
        del name
        return self._refuse()

    local = variable
    call = variable

    def resource(self, kind: str, name: str) -> Value:
        """Not allowed here."""
        del kind, name
        return self._refuse()

    def data(self, kind: str, name: str) -> Value:
        """Not allowed here."""
        return self.resource(kind, name)

    def meta(self, group: str, name: str) -> Value:
        """Not allowed here."""
        return self.resource(group, name)

    def function(self, name: str, arguments: tuple[Value, ...]) -> Value:
        """Not allowed here."""
        del name, arguments
        return self._refuse()
