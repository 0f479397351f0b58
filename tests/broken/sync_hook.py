from lumiera import hookimpl


@hookimpl
def detect_language(text):
    return None
