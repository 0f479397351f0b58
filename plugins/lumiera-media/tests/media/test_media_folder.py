"""The folder holds every file once, whole or not at all, and nothing else, whatever breaks off."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import stat
import subprocess
import sys
from collections import namedtuple
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from lumiera_media import FolderStore
from lumiera_media.folder import Folder

from lumiera.errors import MediaError, TransientError
from lumiera.media import MediaStore
from lumiera.messages import StoredMedia
from lumiera.testing.bot import PHOTO

Keep = Callable[..., Awaitable[StoredMedia]]
MB = 1024 * 1024


def files(folder: Path) -> list[str]:
    found = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return sorted(name for name in found if name != ".key")


class Source:
    """A sender of a file, who sees how much of it was taken and whether the line was closed."""

    def __init__(self, chunks: int, chunk: bytes = b"x" * 65536, fault: Exception | None = None) -> None:
        self.chunks, self.chunk, self.fault = chunks, chunk, fault
        self.taken = 0
        self.is_closed = False

    async def send(self) -> AsyncIterator[bytes]:
        try:
            for _ in range(self.chunks):
                self.taken += len(self.chunk)
                yield self.chunk
                await asyncio.sleep(0)
            if self.fault:
                raise self.fault
        finally:
            self.is_closed = True


async def test_a_file_lies_under_the_hash_of_its_bytes(keep: Keep, folder: Path) -> None:
    stored = await keep(PHOTO)
    assert files(folder) == [f"{stored.id[:2]}/{stored.id[2:]}"]
    assert (folder / stored.id[:2] / stored.id[2:]).read_bytes() == PHOTO
    assert stat.S_IMODE((folder / stored.id[:2] / stored.id[2:]).stat().st_mode) == 0o640
    assert stat.S_IMODE((folder / ".key").stat().st_mode) == 0o600


async def test_the_same_bytes_are_kept_once_also_when_they_come_at_the_same_time(keep: Keep, folder: Path) -> None:
    kept = await asyncio.gather(*(keep(PHOTO, f"{n}.jpg") for n in range(8)))
    assert {one.id for one in kept} == {kept[0].id}
    assert [one.filename for one in kept] == [f"{n}.jpg" for n in range(8)]
    assert len(files(folder)) == 1


async def test_a_file_is_read_and_removed(keep: Keep, store: MediaStore, folder: Path) -> None:
    stored = await keep(PHOTO)
    assert await store.get(stored.id) == PHOTO
    await store.delete(stored.id)
    await store.delete(stored.id)
    assert files(folder) == []
    with pytest.raises(MediaError, match="there is no such file"):
        await store.get(stored.id)
    assert (await keep(PHOTO)).id == stored.id


@pytest.mark.parametrize(
    "media_id",
    ["", ".key", "../../etc/passwd", "/etc/passwd", "a" * 64, "a" * 64 + ".exe", "a" * 64 + ".jpg/../../.key",
     "A" * 64 + ".jpg", "a" * 64 + ".jpg\n", "a" * 63 + "/.jpg", "a" * 64 + ".jpg\0", "%2e%2e/" + "a" * 64 + ".jpg"],
)  # fmt: skip
async def test_what_is_no_id_leads_nowhere(store: MediaStore, folder: Path, media_id: str) -> None:
    for door in (store.get, store.delete):
        with pytest.raises(MediaError, match="there is no such file"):
            await door(media_id)
    with pytest.raises(MediaError):
        await store.link(StoredMedia(id=media_id, content_type="image/jpeg", size=1))
    assert (folder / ".key").exists()


NAMES = {
    "plan.jpg": "plan.jpg",
    "PLAN.JPEG": "PLAN.JPEG",
    "plan": "plan.jpg",
    "../../etc/passwd": "passwd.jpg",
    "..\\..\\x.jpg": "x.jpg",
    "/etc/cron.d/x": "x.jpg",
    "photo.jpg.exe": "photo.jpg.exe.jpg",
    "photo.html": "photo.html.jpg",
    "\u202egpj.exe": "gpj.exe.jpg",
    "a\u200b\ufeffb\x00\x1bc.jpg": "abc.jpg",
    'a"b<c>|d?e*f:g.jpg': "abcdefg.jpg",
    "two\nlines\r\n Set-Cookie x.jpg": "two lines Set-Cookie x.jpg",
    "mur côté rue.jpg": "mur côté rue.jpg",
    "صورة.jpg": "صورة.jpg",
    "...": "",
    ".jpg": "jpg.jpg",
    "\u202e": "",
    "": "",
    "x" * 300 + ".jpg": "x" * 96 + ".jpg",
}


@pytest.mark.parametrize(("given", "shown"), NAMES.items())
async def test_a_name_is_shown_without_a_path_or_tricks_and_is_never_used_on_the_disk(
    keep: Keep, folder: Path, given: str, shown: str
) -> None:
    stored = await keep(PHOTO, given)
    assert stored.filename == shown
    assert files(folder) == [f"{stored.id[:2]}/{stored.id[2:]}"]
    assert files(folder.parent) == ["media/.key", f"media/{stored.id[:2]}/{stored.id[2:]}"]


async def test_a_file_over_the_limit_is_cut_off_early_and_leaves_nothing(store: MediaStore, folder: Path) -> None:
    source = Source(17 * MB // 65536)
    with pytest.raises(MediaError, match="over 1 MB") as refusal:
        await store.put(source.send())
    assert refusal.value.user_message == "media-too-large"
    assert source.taken <= MB + 65536
    assert source.is_closed
    assert files(folder) == []


async def test_a_file_of_just_the_limit_is_kept(store: MediaStore) -> None:
    source = Source(16)
    assert (await store.put(source.send())).size == MB


@pytest.mark.parametrize("chunks", [0, 3])
async def test_an_empty_file_is_refused(store: MediaStore, folder: Path, chunks: int) -> None:
    with pytest.raises(MediaError, match="empty") as refusal:
        await store.put(Source(chunks, b"").send())
    assert refusal.value.user_message == "media-broken"
    assert files(folder) == []


async def test_a_line_that_breaks_leaves_nothing(store: MediaStore, folder: Path) -> None:
    source = Source(3, fault=TransientError("the line broke"))
    with pytest.raises(TransientError, match="the line broke"):
        await store.put(source.send())
    assert source.is_closed
    assert files(folder) == []


async def test_a_put_that_is_given_up_leaves_nothing(store: MediaStore, folder: Path) -> None:
    source = Source(1000, b"x")
    putting = asyncio.create_task(store.put(source.send()))
    while source.taken < 5:  # noqa: ASYNC110 - nothing tells when
        await asyncio.sleep(0.001)
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    assert source.is_closed
    assert files(folder) == []


async def test_any_iterator_of_bytes_will_do(store: MediaStore) -> None:
    class Chunks:
        def __init__(self) -> None:
            self.left = [PHOTO[:50], PHOTO[50:]]

        def __aiter__(self) -> Chunks:
            return self

        async def __anext__(self) -> bytes:
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop(0)

    assert (await store.put(Chunks())).size == len(PHOTO)


async def test_a_full_disk_is_trouble_that_passes(keep: Keep, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TransientError, match="the media folder: No space left on device"):
        await keep(PHOTO)
    assert files(folder) == []
    monkeypatch.undo()
    assert (await keep(PHOTO)).size == len(PHOTO)


@pytest.mark.parametrize(("at", "is_kept"), [("fchmod", False), ("fsync", False), ("replace", False), ("close", True)])
def test_a_process_that_is_killed_leaves_a_whole_file_or_a_part_that_the_next_start_removes(
    folder: Path, at: str, is_kept: bool
) -> None:
    key = Folder(folder).prepare()
    dying = f"""
import os, sys
from pathlib import Path
from lumiera_media.folder import Folder
os.{at} = lambda *_: os.kill(os.getpid(), 9)
Folder(Path(sys.argv[1])).add("txt", b"words")
"""
    assert subprocess.run([sys.executable, "-c", dying, str(folder)], check=False).returncode == -9
    left = files(folder)
    assert len(left) == 1
    assert left[0].startswith(".part-") is not is_kept
    assert Folder(folder).prepare() == key
    assert [(folder / name).read_bytes() for name in files(folder)] == [b"words"] * is_kept


async def test_a_file_is_kept_though_another_process_starts_while_it_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, replace = Folder(folder), os.replace
    opened.prepare()
    starts: list[bytes] = []

    def interrupted(part: str, place: Path) -> None:
        if not starts:
            starts.append(Folder(folder).prepare())
        replace(part, place)

    monkeypatch.setattr(os, "replace", interrupted)
    media_id = opened.add("jpg", PHOTO)
    assert opened.read(media_id) == PHOTO
    assert len(starts) == 1
    assert len(files(folder)) == 1


async def test_two_processes_that_start_at_once_have_one_key(folder: Path) -> None:
    keys = await asyncio.gather(*(asyncio.to_thread(Folder(folder).prepare) for _ in range(8)))
    assert len(set(keys)) == 1
    assert len(keys[0]) == 32


async def test_a_key_that_was_damaged_is_told_with_the_way_out(folder: Path) -> None:
    Folder(folder).prepare()
    (folder / ".key").write_bytes(b"short")
    with pytest.raises(MediaError, match="is damaged: remove it"):
        Folder(folder).prepare()


async def test_health_is_well_where_there_is_room(store: FolderStore) -> None:
    health = await store.check()
    assert health.ok


async def test_health_is_degraded_when_the_disk_is_nearly_full(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10**12, 10**12, 300 * MB))
    health = await store.check()
    assert (health.ok, health.reason) == (True, "300 MB are free where media are kept")


async def test_health_fails_when_nothing_can_be_written(store: FolderStore, folder: Path) -> None:
    shutil.rmtree(folder)
    health = await store.check()
    assert not health.ok
    assert health.reason.startswith("cannot write where media are kept: ")
    with pytest.raises(TransientError):
        await store.put(Source(1).send())


async def test_a_store_that_is_not_used_is_well(tmp_path: Path) -> None:
    assert (await FolderStore().check()).ok


async def test_cleaning_leaves_the_loop_to_others(store: MediaStore, picture: Any) -> None:
    """A picture takes a tenth of a second; meanwhile the bot goes on."""
    out = io.BytesIO()
    picture.resize((3000, 2250)).save(out, "JPEG", quality=60)
    putting = asyncio.create_task(store.put(Source(1, out.getvalue()).send()))
    longest = 0.0
    loop = asyncio.get_running_loop()
    while not putting.done():
        begun = loop.time()
        await asyncio.sleep(0.001)
        longest = max(longest, loop.time() - begun)
    assert (await putting).content_type == "image/jpeg"
    assert longest < 0.1
