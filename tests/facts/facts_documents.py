"""The published schema of facts files, and TOML documents in the form it validates."""

import datetime
import json
from pathlib import Path

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "facts.schema.json").read_text(encoding="utf-8"))


def as_json(value):
    """The same document as JSON would hold it: TOML dates become text."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value
