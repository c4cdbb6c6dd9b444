"""Folders of manifests that are called like an environment."""

from pathlib import PurePosixPath

ENVIRONMENTS = frozenset(
    {
        "prod",
        "production",
        "prd",
        "stage",
        "staging",
        "stg",
        "dev",
        "develop",
        "development",
        "test",
        "testing",
        "qa",
        "uat",
        "preprod",
    }
)


def environment_of_folders(name: str) -> str:
    """The innermost folder of a file that is called like an environment; empty where there is none."""
    parts = PurePosixPath(name).parts[:-1]
    return next((part for part in reversed(parts) if part.lower() in ENVIRONMENTS), "")
