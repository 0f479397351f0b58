from lumiera import hookimpl


@hookimpl
async def translate_text(text, *rest, **others):
    return None
