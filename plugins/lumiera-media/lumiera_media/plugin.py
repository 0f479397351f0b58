"""The plugin: brings the store `folder` and the address at which its files are fetched."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from lumiera.hookspecs import hookimpl
from lumiera.media import MediaStore
from lumiera.stage import Health
from lumiera.turn import Bot
from lumiera_media.store import FolderStore


class Media:
    """Files of users in a folder; its settings are those of `media:` in `lumiera.yaml`."""

    def __init__(self) -> None:
        self.store = FolderStore()

    @hookimpl
    def register_media_stores(self) -> list[MediaStore]:
        return [self.store]

    @hookimpl
    def register_routes(self) -> list[BaseRoute]:
        return [Route("/media/{link:path}", self.store.serve, methods=["GET"])]

    @hookimpl
    async def startup(self, bot: Bot) -> None:
        if bot.media is self.store:
            await self.store.open(bot)

    @hookimpl
    async def check_health(self) -> Health:
        return await self.store.check()
