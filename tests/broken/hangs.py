import asyncio

from lumiera import hookimpl


@hookimpl
async def detect_language(text):
    await asyncio.Event().wait()


@hookimpl
async def check_health():
    await asyncio.Event().wait()
