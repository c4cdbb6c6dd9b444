"""Lets `python -m budgetcheck` do what the `budgetcheck` command does."""

from budgetcheck.cli import main

if __name__ == "__main__":
    main()
