"""Building blocks of the documents that budgetcheck itself defines: strict models, durations, text forms.

Schemas come out as draft-07 in the style of schemastore.org, the newest dialect that editors read well.
Imported only where a document of that kind was found, because pydantic is slow to load.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, WithJsonSchema
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from budgetcheck.model.duration import parse_duration
from budgetcheck.schema_errors import OWN_ERROR

DIALECT = "http://json-schema.org/draft-07/schema#"
_NAMED = ("properties", "definitions", "patternProperties")
_LONGEST_DURATION = 24  # characters; a longer literal is no duration and would only cost time
_DURATION_PATTERN = r"^\s*(\d+(\.\d+)?\s*(ms|min|s|m|h|d)\s*)+$"


class StrictModel(BaseModel):
    """Unknown keys are errors, and nothing is converted: `"5"` is not a number, `1` is not true."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def rejection(text: str) -> PydanticCustomError:
    """An error whose text is printed as it is; it must not hold a value of the file."""
    # The text goes in as a parameter: braces in a template would be read as placeholders.
    return PydanticCustomError(OWN_ERROR, "{text}", {"text": text})


def duration_fault(value: object) -> str:
    """What is wrong with a duration literal, and what to write; empty for a good one.

    Names the number at most, never another text of the file.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return "must be a duration with a unit: 30s, 1m30s or 500ms"
    text = str(value).strip()
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text):
        return f"write a unit: {text}s or {text}ms"
    if re.match(r"-\s*[0-9]", text):
        return "must not be negative"
    try:
        if len(text) <= _LONGEST_DURATION:
            parse_duration(text)
            return ""
    except ValueError:
        pass
    return "is not a duration; write 30s, 1m30s or 500ms"


def _checked_duration(value: object) -> str:
    fault = duration_fault(value)
    if fault:
        raise rejection(fault)
    return str(value).strip()


Duration = Annotated[
    str,
    BeforeValidator(_checked_duration),
    WithJsonSchema({"type": "string", "pattern": _DURATION_PATTERN, "examples": ["30s", "1m30s", "500ms"]}),
]


@dataclass(frozen=True, slots=True)
class TextForm:
    """Text of a form: the pattern, the rule in words that a violation prints, and an example."""

    pattern: str
    rule: str
    example: str

    def check(self, value: str) -> str:
        """The text itself, if it has the form."""
        if not re.fullmatch(self.pattern, value, re.ASCII):
            raise rejection(self.rule)
        return value

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: object) -> dict[str, Any]:
        return {"type": "string", "pattern": self.pattern, "examples": [self.example]}


class _Untitled(GenerateJsonSchema):
    """Without a generated title for every property: it would only repeat the key."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - signature of pydantic
        return False


def draft7(model: type[BaseModel], *, title: str) -> dict[str, Any]:
    """The schema of a model's documents, the same bytes for the same model."""
    schema = model.model_json_schema(schema_generator=_Untitled, ref_template="#/definitions/{model}")
    if "$defs" in schema:
        schema["definitions"] = {
            name.lstrip("_"): definition for name, definition in sorted(schema.pop("$defs").items())
        }
    tidy = _tidy(schema)
    return {"$schema": DIALECT, **tidy, "title": title}


def _tidy(schema: dict[str, Any]) -> dict[str, Any]:
    """Without `default: null` (absent and null differ here), and with `$ref` alone as draft-07 wants it."""
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "default" and value in (None, ""):
            continue
        if key in _NAMED:
            found[key] = {name: _tidy(item) for name, item in value.items()}
        elif isinstance(value, dict):
            found[key] = _tidy(value)
        elif isinstance(value, list):
            found[key] = [_tidy(item) if isinstance(item, dict) else item for item in value]
        else:
            found[key] = value
    if "patternProperties" in found:  # the pattern is the rule for keys, so other keys are errors
        found.pop("propertyNames", None)
        found["additionalProperties"] = False
    if "$ref" in found and len(found) > 1:
        found["allOf"] = [{"$ref": found.pop("$ref")}]
    return found
