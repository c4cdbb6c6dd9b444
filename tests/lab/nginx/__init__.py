"""Real nginx on loopback: seconds until the caller is answered, and the attempts the backends see."""
