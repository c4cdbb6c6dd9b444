"""The promise of the whole tool on real components."""
