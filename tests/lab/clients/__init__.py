"""Real client libraries against servers that hang, refuse, or answer with an error: attempts and seconds."""
