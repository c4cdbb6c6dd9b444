"""The JSON Schema of facts files (draft-07): what editors complete and check while somebody writes one.

The loader does not use it; tests hold both against the same good and bad files.
"""

from enum import Enum

from budgetcheck.facts.fact import BACKOFF_PARTS, Grammar, Proof, Zero
from budgetcheck.model.duration import MS_PER
from budgetcheck.model.limits import Gate, Meaning, Repeats
from budgetcheck.model.topology import Layer

Schema = dict[str, object]

_DIALECT = "http://json-schema.org/draft-07/schema#"
_DURATION: Schema = {"$ref": "#/definitions/duration"}
_UNLIMITED: Schema = {"const": "unlimited"}
_DURATION_OR_UNLIMITED: list[Schema] = [_DURATION, _UNLIMITED]
_COMPARISON = r"\s*(>=|>|<=|<|==)\s*\d+(\.\d+)*\s*"


def facts_schema() -> Schema:
    """The schema of one facts file; every key has a description."""
    return {
        "$schema": _DIALECT,
        "title": "budgetcheck facts",
        "description": "What one component does with its timeouts and retries: one TOML file for each"
        " component, named after it. Durations are texts with a unit (`20s`, `500ms`, `1m30s`).",
        "type": "object",
        "additionalProperties": False,
        "required": ["title", "layer"],
        "properties": _component(),
        "definitions": {
            "duration": {
                "type": "string",
                "pattern": r"^(\d+(\.\d+)?(ms|min|s|m|h|d))+$",
                "description": "A number with a unit, or several: 500ms, 20s, 1m30s.",
            },
            "limit": _limit(),
            "attempts": _attempts(),
            "unsupported": _unsupported(),
            "symptom": _symptom(),
            "backoff": _backoff(),
        },
    }


def _component() -> Schema:
    return {
        "title": _text("Name for people.", minLength=1),
        "layer": _words(Layer, "Role on a route."),
        "entry": _flag("Stands at the edge by nature: nothing is missed in front of it."),
        "work_goes_on": _flag("Works on after its caller has left."),
        "default_port": _count("Listens there unless told otherwise.", maximum=65535),
        "versions": _text("Versions the facts were checked on, for messages."),
        "passes_through": _texts("Other known settings of the component that carry no limit."),
        "notes": _texts("What a reader should know about the component as a whole."),
        "limit": _list_of("limit", "Its timeouts."),
        "attempts": _list_of("attempts", "Its retries."),
        "unsupported": _list_of("unsupported", "Settings it refuses or ignores under some conditions."),
    }


def _limit() -> Schema:
    return {
        "description": "One timeout of the component.",
        "type": "object",
        "additionalProperties": False,
        "required": ["setting", "meaning", "unit", "source", "checked", "proof"],
        "properties": {**_limit_names(), **_limit_numbers(), **_limit_behaviour(), **_evidence()},
        "dependencies": {"cap_soft": ["cap"], "cap_note": ["cap"], "fixed": ["default"]},
        "if": {"required": ["cap_soft"], "properties": {"cap_soft": {"const": True}}},
        "then": {"required": ["cap_note"]},
    }


def _limit_names() -> Schema:
    return {
        "setting": _text(
            "Name of the setting, as people search for it; a name of ours if fixed.", minLength=1
        ),
        "aliases": _texts("Further names that set the same number, tried in order."),
        "when": _when(),
        "meaning": _words(Meaning, "What the clock measures."),
        "unit": _text("Unit of a bare number.", enum=list(MS_PER)),
        "grammar": _words(
            Grammar,
            "How values are written: number (bare, in the unit), nginx (nginx time), duration (with a unit,"
            " or bare in the unit), seconds-suffix (`300s`).",
        ),
    }


def _limit_numbers() -> Schema:
    return {
        "default": {
            "description": "Value where nothing is written. Absent: then there is no such limit.",
            "anyOf": _DURATION_OR_UNLIMITED,
        },
        "range": {
            "description": "Lowest and highest accepted value; `unlimited` leaves the end open.",
            "type": "array",
            "minItems": 2,
            "maxItems": 2,
            "items": [_DURATION, {"anyOf": _DURATION_OR_UNLIMITED}],
        },
        "cap": _duration("Most that the platform honours."),
        "cap_soft": _flag("A quota can raise the cap; cap_note says which."),
        "cap_note": _text("How the cap can be raised, or why it cannot.", minLength=1),
        "floor": _duration("Smaller values are silently read as this."),
        "zero": _words(
            Zero, "What 0 means: just zero, no limit, fails at once, switched off, or rejected as invalid."
        ),
        "null_unlimited": _flag("An explicit null means no limit; otherwise it means the default."),
    }


def _limit_behaviour() -> Schema:
    return {
        "fixed": _flag("No setting exists: the platform decides."),
        "of_answer": _flag(
            "The clock runs while waiting for the next hop's answer; false for receiving the request,"
            " resolving names and writing to the client. Of a KEEPALIVE: the connection is one to the next"
            " hop, false for one that is kept for the caller.",
            default=True,
        ),
        "per_address": _flag("Counted once for each address of the name."),
        "twice_with_tls": _flag("Counted again for the TLS handshake."),
        "soft_of": _text("Setting that ends the work for good, where this one only asks it to end."),
        "gate": _words(
            Gate,
            "Of a START_GATE, when it is asked: after each attempt (after-attempt), the same with the pause"
            " to come counted (with-pause), or after each attempt by when that one started (last-start).",
        ),
        "symptom": {"$ref": "#/definitions/symptom"},
    }


def _unsupported() -> Schema:
    evidence = {key: schema for key, schema in _evidence().items() if key != "note"}
    return {
        "description": "A setting that is refused or ignored where some conditions hold.",
        "type": "object",
        "additionalProperties": False,
        "required": ["setting", "text", "fix", "source", "checked", "proof"],
        "properties": {
            "setting": _text("Name of the setting.", minLength=1),
            "when": _when(),
            "rejected": _flag("The platform refuses it; otherwise it is ignored."),
            "accepted": _duration("The one value that passes, without effect, where others are refused."),
            "unit": _text("Unit of a bare number.", enum=list(MS_PER), default="s"),
            "text": _text("Why, after the name of the setting.", minLength=1),
            "fix": _text("What to do instead.", minLength=1),
            **evidence,
        },
    }


def _attempts() -> Schema:
    properties: Schema = {
        "setting": _text("Name of the count; absent where it cannot be set."),
        "aliases": _texts("Further names that set the same number, tried in order."),
        "when": _when(),
        "retries": _flag("The setting counts retries, that is attempts less one."),
        "default": {
            "description": "Value of the setting where it is not written; attempts are at least 1.",
            "anyOf": [{"type": "integer", "minimum": 0}, _UNLIMITED],
        },
        "repeats": {
            "description": "Failures that lead to a further attempt.",
            "type": "array",
            "uniqueItems": True,
            "items": {"enum": [failure.value for failure in Repeats]},
        },
        "unsafe": _flag("Requests with POST, PATCH and the like are tried again as well.", default=True),
        "backoff": {"$ref": "#/definitions/backoff"},
        "retry_after": {
            "description": "Longest pause that a server may ask for. Absent: it is not asked.",
            "anyOf": _DURATION_OR_UNLIMITED,
        },
        "most": _count("Larger values are read as this."),
        "null_unlimited": _flag("An explicit None means without end; otherwise it means the default."),
        **_evidence(),
    }
    return {
        "description": "How often the component tries.",
        "type": "object",
        "additionalProperties": False,
        "required": ["default", "repeats", "source", "checked", "proof"],
        "properties": properties,
        "if": {"not": {"required": ["retries"], "properties": {"retries": {"const": True}}}},
        "then": {"properties": {"default": {"anyOf": [{"type": "integer", "minimum": 1}, _UNLIMITED]}}},
    }


def _evidence() -> Schema:
    return {
        "source": _text(
            "Public https address of the vendor's documentation or of the project's source file.",
            pattern=r"^https://[\w.-]+\.[a-z]{2,}(/\S*)?$",
        ),
        "checked": _text(
            "Day on which the fact was last compared with its source: a TOML date.",
            format="date",
            pattern=r"^\d{4}-\d{2}-\d{2}$",
        ),
        "proof": _words(
            Proof,
            "How the fact is known: measured by budgetcheck's own tests (lab), documented by the maker"
            " (vendor), concluded from source code or public reports (inferred).",
        ),
        "versions": _text(
            "Versions of the component the fact holds for, as `>=1.0,<4`; empty for every version.",
            pattern=f"^$|^{_COMPARISON}(,{_COMPARISON})*$",
        ),
        "note": _text("What else a reader of the number should know."),
    }


def _when() -> Schema:
    return {
        "description": "Conditions on the traits of a declaration, all of which must hold: a value or a list"
        ' of them. "" stands for a trait that is not stated, "!value" excludes a value.'
        ' Example: {family = "proxy"}.',
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
        },
    }


def _symptom() -> Schema:
    return {
        "description": "What the caller or the log shows when the limit fires.",
        "type": "object",
        "additionalProperties": False,
        "required": ["text"],
        "properties": {
            "text": _text("In words."),
            "status": {"description": "HTTP status.", "type": "integer", "minimum": 100, "maximum": 599},
            "log": _text("Line in the log."),
        },
    }


def _backoff() -> Schema:
    return {
        "description": "Longest pauses: before retry k max(least, min(most, first x factor^(k-1))) + jitter.",
        "type": "object",
        "additionalProperties": False,
        "required": ["first"],
        "properties": {
            "first": _duration("Pause before the first retry."),
            "factor": {
                "description": "Growth from one retry to the next.",
                "type": "number",
                "exclusiveMinimum": 0,
                "default": 2,
            },
            "most": _duration("Largest pause, jitter not included."),
            "jitter": _duration("Added to every pause at most."),
            "least": _duration("Smallest pause, jitter not included."),
            "settings": {
                "description": "Settings that replace parts of it; bare numbers are seconds.",
                "type": "object",
                "additionalProperties": False,
                "properties": {part: _text("Name of the setting.") for part in BACKOFF_PARTS},
            },
            "cap_jitter": _flag("`most` holds for the pause with its jitter."),
            "random": _flag("Each pause is drawn between `least` and this (full jitter)."),
            "skip_first": _flag("The first retry follows at once; the series counts from it all the same."),
        },
    }


def _text(description: str, **more: object) -> Schema:
    return {"description": description, "type": "string", **more}


def _words(kind: type[Enum], description: str) -> Schema:
    return _text(description, enum=[member.value for member in kind])


def _flag(description: str, *, default: bool = False) -> Schema:
    return {"description": description, "type": "boolean", "default": default}


def _count(description: str, **more: object) -> Schema:
    return {"description": description, "type": "integer", "minimum": 0, **more}


def _duration(description: str) -> Schema:
    return {"description": description, "allOf": [_DURATION]}  # draft-07 ignores what stands beside a $ref


def _texts(description: str) -> Schema:
    return {
        "description": description,
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "uniqueItems": True}],
    }


def _list_of(definition: str, description: str) -> Schema:
    return {"description": description, "type": "array", "items": {"$ref": f"#/definitions/{definition}"}}
