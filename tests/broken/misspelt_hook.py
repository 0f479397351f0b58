from lumiera import hookimpl


@hookimpl
def register_intent():
    return []
