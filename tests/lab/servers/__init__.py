"""Real application servers, started from the files that budgetcheck reads, against its numbers."""
