from lumiera import hookimpl


@hookimpl
async def register_intents():
    return []
