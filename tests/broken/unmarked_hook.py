def register_intents():
    return []
