"""Single edits of files that keep their budget: each must be noticed, or not be worth a word."""
