"""The configuration as pydantic models: what `budgetcheck.yaml` may hold, and its published JSON schema.

Imported only when a configuration file was found. Nothing here reads a file.
"""

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails

from budgetcheck.schema_types import Duration, StrictModel, TextForm, draft7, rejection
from budgetcheck.yaml_nodes import Loc

_PERCENT = r"^(100|[1-9]?[0-9])\s*%$"

Level = Literal["error", "warning", "note"]
FailOn = Literal["error", "warning", "note", "never"]
Unit = Literal["ms", "s", "m", "h"]
Text = Annotated[str, Field(min_length=1, max_length=500)]
FilePath = Annotated[
    str,
    TextForm(r"^[^/\\\x00-\x1f][^\\\x00-\x1f]{0,500}$", "must be a relative path with /", "envs/prod.tfvars"),
]
Name = Annotated[
    str,
    TextForm(
        r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", "must be a name of letters, digits, '.', '_' and '-'", "prod"
    ),
]
RuleCode = Annotated[str, TextForm(r"^BC\d{3}$", "must be the code of a rule: BC101", "BC101")]
VersionText = Annotated[
    str | int | float, WithJsonSchema({"type": ["string", "number"], "examples": ["1.27.3"]})
]


def _check_share(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(_PERCENT, value.strip(), re.ASCII):
        raise rejection('must be whole percents from 0% to 100%, as "5%"')
    return value.strip()


def _check_day(value: object) -> str:
    try:
        if isinstance(value, str) and len(value) == 10:
            return datetime.date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise rejection("must be a day: 2027-03-01")


Share = Annotated[
    str,
    BeforeValidator(_check_share),
    WithJsonSchema({"type": "string", "pattern": _PERCENT, "examples": ["5%"]}),
]
Day = Annotated[
    str,
    BeforeValidator(_check_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2027-03-01"]}),
]


class HeadroomParts(StrictModel):
    """The larger of a share of what is granted and a fixed floor; what is left out keeps its default."""

    percent: Annotated[int, Field(ge=0, le=100)] = Field(
        default=5, description="Percents of what is granted."
    )
    floor: Duration = Field(default="1s", description="At least this much.")


def _headroom_kind(value: object) -> str:
    if isinstance(value, dict | HeadroomParts):
        return "<parts>"
    return "<share>" if isinstance(value, str) and value.strip().endswith("%") else "<duration>"


Headroom = Annotated[
    Annotated[Share, Tag("<share>")]
    | Annotated[Duration, Tag("<duration>")]
    | Annotated[HeadroomParts, Tag("<parts>")],
    Discriminator(_headroom_kind),
]


class Environment(StrictModel):
    """Where the variables get their values in one environment."""

    var_files: list[FilePath] = Field(
        default_factory=list, description="Terraform variable files, relative to this file; later ones win."
    )
    env_files: list[FilePath] = Field(
        default_factory=list, description="Files of KEY=value lines, relative to this file; later ones win."
    )
    workspace: Annotated[str, Field(max_length=100)] = Field(default="", description="Terraform workspace.")


class Link(StrictModel):
    """One hop sends its requests to another: you say so where the files do not."""

    outer: Text = Field(
        description="Address of the hop that sends, as reports show it; * matches within one."
    )
    inner: Text = Field(description="Address of the hop that receives.")


class Binding(StrictModel):
    """A key of a settings file is the value of a setting of a hop."""

    file: FilePath = Field(description="The settings file (YAML, TOML, JSON, .env), relative to this file.")
    key: Text = Field(description="The key; dots lead into nested mappings.")
    hop: Text = Field(description="Address of the hop, as reports show it.")
    setting: Text = Field(description="The hop's setting, by the name its component has for it.")
    unit: Unit | None = Field(
        default=None, description="Unit of a bare number. Left out: the component's own unit."
    )


class Nginx(StrictModel):
    """How nginx files map to a real server."""

    root: Annotated[str, Field(max_length=500)] = Field(
        default="", description="Directory, relative to this file, that stands for / of the server."
    )
    version: VersionText | None = Field(default=None, description="Version of nginx, where it is known.")
    addresses: dict[str, Annotated[int, Field(ge=1, le=1_000)]] = Field(
        default_factory=dict, description="How many addresses a host name resolves to."
    )


class Ignore(StrictModel):
    """Findings that are known and accepted: which, why, and until when."""

    rule: RuleCode = Field(description="The rule's code.")
    paths: list[Text] = Field(
        default_factory=list, description="Only in these files; * and ** are wildcards. Left out: in all."
    )
    routes: list[Text] = Field(
        default_factory=list, description="Only on these routes; * is a wildcard. Left out: on all."
    )
    reason: Text = Field(description="Why it is accepted; required.")
    until: Day | None = Field(default=None, description="Last day it holds. Left out: for ever.")


class Policy(StrictModel):
    """What the team asks of its routes beyond that they fit."""

    must_prove: list[Text] = Field(
        default_factory=list, description="Routes that must be proven to fit; * is a wildcard."
    )
    max_amplification: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        default=None, description="Requests that a dependency may see for one of the caller's."
    )
    one_retry_owner: bool = Field(
        default=False, description="At most one layer on the way to a dependency may try again."
    )
    require_total: bool = Field(
        default=False, description="A total or a deadline must end every outbound call."
    )
    max_total: Duration | None = Field(default=None, description="Longest wait of any caller.")


class ConfigDocument(StrictModel):
    """Configuration of budgetcheck."""

    headroom: Headroom = Field(
        default_factory=HeadroomParts,
        description="Slack below which a route that fits is reported as thin: a share of what is granted "
        "(5%), a duration (2s), or {percent, floor}, the larger of both. Default: 5 % and 1s.",
    )
    environments: dict[Name, Environment | None] = Field(
        default_factory=dict, description="Environments by name; there is one verdict for each."
    )
    links: list[Link] = Field(default_factory=list, description="Links you vouch for.")
    bindings: list[Binding] = Field(
        default_factory=list, description="What keys of your settings files mean."
    )
    components: dict[Name, dict[str, Any]] = Field(
        default_factory=dict,
        description="Facts of your own that replace shipped ones, in the shape of a facts file.",
    )
    nginx: Nginx = Field(default_factory=Nginx, description="How nginx files map to a real server.")
    severity: dict[RuleCode, Level] = Field(
        default_factory=dict, description="Another severity for a rule: error, warning or note."
    )
    ignore: list[Ignore] = Field(default_factory=list, description="Findings that are known and accepted.")
    policy: Policy = Field(default_factory=Policy, description="What the team asks of its routes.")
    lock: list[RuleCode] = Field(
        default_factory=list, description="Rules that neither a comment nor `ignore` may suppress."
    )
    fail_on: FailOn = Field(
        default="error", description="Lowest severity that makes the run fail; never for none."
    )


_CONTAINERS: dict[str, type[BaseModel]] = {
    "headroom": HeadroomParts,
    "environments": Environment,
    "links": Link,
    "bindings": Binding,
    "nginx": Nginx,
    "ignore": Ignore,
    "policy": Policy,
}


def check_config(data: object) -> tuple[ConfigDocument | None, list[ErrorDetails]]:
    """The validated configuration, or what is wrong with it."""
    try:
        return ConfigDocument.model_validate(data), []
    except ValidationError as error:
        return None, error.errors(include_url=False, include_input=False)


def config_keys_at(loc: Loc) -> tuple[str, ...]:
    """Keys that are allowed beside the last part of an error's location."""
    top = str(loc[0]) if len(loc) > 1 else ""
    return tuple(_CONTAINERS.get(top, ConfigDocument).model_fields)


def config_schema() -> dict[str, Any]:
    """The published JSON schema of `budgetcheck.yaml` (draft-07)."""
    return draft7(ConfigDocument, title="budgetcheck configuration")
