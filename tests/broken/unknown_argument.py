from lumiera import hookimpl


@hookimpl
async def detect_language(text, turns):
    return None


@hookimpl
def register_routes(bot):
    return []
