"""What each server program makes of its options, its environment and its configuration files."""
