"""Moved to `budgetcheck.tree`: discovery and configuration open files as well."""

from budgetcheck.tree import (
    HEAD_BYTES,
    MAX_BYTES,
    DeniedFileError,
    SourceFile,
    Tree,
    UnreadableFileError,
)

__all__ = ["HEAD_BYTES", "MAX_BYTES", "DeniedFileError", "SourceFile", "Tree", "UnreadableFileError"]
