"""The lab: what budgetcheck predicts, measured on the real components."""
