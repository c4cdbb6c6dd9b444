"""Real public incidents as files."""
