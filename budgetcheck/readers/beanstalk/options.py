"""The options of one environment, wherever they are written; nothing here needs a parser.

https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html
"""

from dataclasses import dataclass, field

from budgetcheck.model.settings import Setting
from budgetcheck.model.settings import Value as SettingValue
from budgetcheck.model.span import Span

VARIABLES = "aws:elasticbeanstalk:application:environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of an environment: its value, `text` empty where it is not known, where it is from."""

    value: SettingValue
    text: str
    spans: tuple[Span, ...]


@dataclass(slots=True, kw_only=True)
class Environment:
    """What is known of an environment.

    Attributes:
        name: the folder that describes it as it is printed; empty for the root.
        place: where to point at for what the platform brings along.
        options: by namespace and name.
        balancers: where its own template changes a balancer, by `classic` or `v2`.
        idle: what that template says of idle connections, by the same.
    """

    name: str = ""
    place: Span
    options: dict[tuple[str, str], Option] = field(default_factory=dict)
    balancers: dict[str, Span] = field(default_factory=dict)
    idle: dict[str, Setting] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What it is called in addresses."""
        return self.name or "."

    def called(self, part: str) -> str:
        """What a part of it is called, with the folder where that is not the root."""
        return f"{part} of Elastic Beanstalk" + (f" ({self.name})" if self.name else "")

    def text(self, namespace: str, name: str) -> str:
        """The known value of an option; empty where it is not written or not known."""
        found = self.options.get((namespace, name))
        return found.text if found else ""

    def setting(self, namespace: str, option: str, name: str = "") -> Setting | None:
        """An option as a setting; None where it is not written."""
        found = self.options.get((namespace, option))
        if found is None:
            return None
        label = f"{namespace} {option}"
        return Setting(name=name or option, value=found.value, spans=found.spans, label=label)

    def has(self, *namespaces: str) -> bool:
        """Some option of these namespaces, or of those below them, is written."""
        return any(namespace.startswith(namespaces) for namespace, _ in self.options)
