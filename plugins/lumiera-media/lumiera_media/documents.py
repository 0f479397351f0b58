"""Documents, contacts and plain text. They are never shown by a browser, only downloaded; none may hold a program."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from lumiera_media.refusals import broken, refused, too_large

UNPACKED = 512 * 1024 * 1024  # bytes of all that an Office file holds
TEXT = 1024 * 1024  # bytes of what people write
DIRECTORY = 1024 * 1024  # bytes of its list of entries
_OFFICE = re.compile(
    rb"application/vnd\.openxmlformats-officedocument\.(wordprocessingml\.document|spreadsheetml\.sheet|"
    rb"presentationml\.presentation)\.main\+xml"
)
_EXTENSIONS = {b"w": "docx", b"s": "xlsx", b"p": "pptx"}
_OLD_OFFICE = {"WordDocument": "doc", "Workbook": "xls", "PowerPoint Document": "ppt"}
_PROGRAM = re.compile(r"vbaproject|activex|oleobject|\.(exe|dll|scr|js|vbs)$", re.IGNORECASE)
_MARKUP = re.compile(r"<[!?/a-z]", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


def clean_pdf(data: bytes) -> tuple[str, bytes]:
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise broken("PDF")
    return "pdf", data[: end + 5] + b"\n"


def clean_zip(data: bytes) -> tuple[str, bytes]:
    """Let in Word, Excel and PowerPoint without macros, and no other archive."""
    if data[-22:-18] != b"PK\5\6" or int.from_bytes(data[-10:-6], "little") > DIRECTORY:
        raise refused("an archive with something behind it, or with too many entries")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            with archive.open("[Content_Types].xml") as file:
                kind = _OFFICE.search(file.read(1024 * 1024))
    except KeyError:
        raise refused("an archive") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise broken("Office file") from error
    if kind is None or any(_PROGRAM.search(entry.filename) for entry in entries):
        raise refused("an archive, or an Office file with a program in it")
    if sum(entry.file_size for entry in entries) > UNPACKED:
        raise refused(f"an archive that unpacks to more than {UNPACKED // 2**20} MB")
    return _EXTENSIONS[kind[1][:1]], data


def clean_old_office(data: bytes) -> tuple[str, bytes]:
    """Let in Word, Excel and PowerPoint of before 2007 without macros; installers are of this form, too."""
    found = [extension for stream, extension in _OLD_OFFICE.items() if stream.encode("utf-16-le") in data]
    if not found or "_VBA_PROJECT".encode("utf-16-le") in data:
        raise refused("a compound file that is no Office file, or one with a program in it")
    return found[0], data


def clean_text(data: bytes) -> tuple[str, bytes]:
    """Let in what people write and what their phones make of a contact."""
    if len(data) > TEXT:
        raise too_large(f"{TEXT // 2**20} MB, which no text is")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refused("this kind of file") from None
    if _CONTROLS.search(text) or text.startswith("#!"):
        raise refused("a program or script")
    if _MARKUP.search(text):
        raise refused("a page or picture that a browser would run, such as HTML and SVG,")
    return ("vcf" if text.lstrip()[:11].upper() == "BEGIN:VCARD" else "txt"), data
