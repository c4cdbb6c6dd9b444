"""The format-neutral model: every other stage speaks in these frozen values.

Nothing here reads a file, knows a component or imports a third-party package. Durations are integer
milliseconds everywhere; there are no floats in the budget.
"""
