"""The real HAProxy with the files that budgetcheck reads, against its numbers."""
