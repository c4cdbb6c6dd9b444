"""Real LangGraph graphs against servers that are slow or silent: super-steps, requests and seconds."""
