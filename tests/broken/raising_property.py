"""Loads: looking for its hooks must not run its properties."""

from lumiera import hookimpl


class Plugin:
    @property
    def client(self):
        raise RuntimeError("not connected")

    @hookimpl
    async def detect_language(self, text):
        return None
