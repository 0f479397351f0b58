from lumiera import hookimpl


@hookimpl
async def classify_intent(text, *, turn):
    return []
