"""Is no Python."""

def register_intents(:
