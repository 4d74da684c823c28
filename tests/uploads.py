"""Small files for tests, good and bad, made when they are asked for."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
from PIL import Image, ImageDraw

MARK = b"MARK-OF-THE-CAMERA"


def jpeg(width: int = 320, height: int = 200, *, orientation: int | None = None, progressive: bool = False) -> bytes:
    """A picture with a white left half; with `orientation`, also with a place and a camera's name."""
    picture = Image.new("RGB", (width, height), "navy")
    ImageDraw.Draw(picture).rectangle((0, 0, width // 2, height), fill="white")
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
        exif[0x010F] = MARK.decode()
        exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=MARK if orientation else None, progressive=progressive)
    return out.getvalue()


PICTURES = Path(__file__).with_name("pictures")
"""What no library here can write: HEIC, made once by pillow-heif (white left half, turned; ten bits; linear light)."""


def heic(name: str = "turned") -> bytes:
    """A phone's photo."""
    return (PICTURES / f"{name}.heic").read_bytes()


def png(mode: str = "RGB") -> bytes:
    """A small picture of any mode."""
    out = io.BytesIO()
    Image.new(mode, (64, 48)).save(out, "PNG")
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large, and is not."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + _chunk(b"IEND", b"")


def png_with_wrong_checksum() -> bytes:
    """A PNG of which one bit was lost on the way."""
    whole = bytearray(png())
    whole[whole.index(b"IDAT") + 8] ^= 1
    return bytes(whole)


def pdf(pages: int = 1, **saving: object) -> bytes:
    """A PDF with empty pages; `saving` may encrypt it."""
    document = pikepdf.Pdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(420, 300))
    out = io.BytesIO()
    document.save(out, **saving)
    return out.getvalue()


def pdf_with_password() -> bytes:
    """A PDF that only opens with a password."""
    return pdf(encryption=pikepdf.Encryption(owner="owner", user="user"))


def pdf_for_owner_only() -> bytes:
    """A PDF that opens without a password, and restricts printing."""
    return pdf(encryption=pikepdf.Encryption(owner="owner", user=""))


def pdf_with_script() -> bytes:
    """A PDF that would run a script when opened."""
    document = pikepdf.Pdf.new()
    document.add_blank_page(page_size=(420, 300))
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('MARK')")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf_bomb(size: int = 800_000_000) -> bytes:
    """A PDF of a few megabytes whose page's contents unfold to `size` bytes."""
    packer = zlib.compressobj(1)
    block = b" " * 1_000_000
    packed = b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()
    document = pikepdf.Pdf.new()
    document.add_blank_page(page_size=(420, 300))
    document.pages[0].Contents = document.make_stream(b"")
    document.pages[0].Contents.write(packed, filter=pikepdf.Name.FlateDecode)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


GOOD: dict[str, Callable[[], bytes]] = {
    "jpeg": jpeg,
    "progressive jpeg": lambda: jpeg(progressive=True),
    "turned jpeg": lambda: jpeg(orientation=6),
    "png": png,
    "png with transparency": lambda: png("RGBA"),
    "grey png of 16 bits": lambda: png("I;16"),
    "png with a palette": lambda: png("P"),
    "heic": heic,
    "heic of ten bits": lambda: heic("ten_bits"),
    "heic of two pictures": lambda: heic("two"),
    "pdf": pdf,
    "pdf of 30 pages": lambda: pdf(30),
    "pdf for its owner": pdf_for_owner_only,
    "pdf with a script": pdf_with_script,
}

REFUSED_AT_ONCE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "empty"),
    "html": (lambda: b"<!DOCTYPE html><script>alert(1)</script>", "wrong_format"),
    "html before a pdf": (lambda: b"<html>" + pdf(), "wrong_format"),
    "svg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "wrong_format"),
    "zip": (lambda: b"PK\x03\x04" + bytes(60), "wrong_format"),
    "gif": (lambda: b"GIF89a" + bytes(60), "wrong_format"),
    "tiff": (lambda: b"II*\0" + bytes(60), "wrong_format"),
    "program": (lambda: b"MZ" + bytes(60), "wrong_format"),
    "postscript": (lambda: b"%!PS-Adobe-3.0\n" + bytes(60), "wrong_format"),
    "film": (lambda: b"\0\0\0\x18ftypisom\0\0\0\0mp42heic" + bytes(60), "wrong_format"),
    "avif": (lambda: b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(60), "wrong_format"),
}

REFUSED_WHEN_OPENED: dict[str, tuple[Callable[[], bytes], str]] = {
    "half a jpeg": (lambda: jpeg()[:1500], "damaged"),
    "signature of a png only": (lambda: b"\x89PNG\r\n\x1a\n", "damaged"),
    "png with a wrong checksum": (png_with_wrong_checksum, "damaged"),
    "png of 2.5 gigapixels": (lambda: png_of(50_000, 50_000), "too_many_pixels"),
    "half a heic": (lambda: heic()[:600], "damaged"),
    "head of a heic only": (lambda: heic()[:24], "damaged"),
    "half a pdf": (lambda: pdf(3)[:400], "damaged"),
    "pdf of 31 pages": (lambda: pdf(31), "too_many_pages"),
    "pdf with a password": (pdf_with_password, "password"),
    "pdf that unfolds": (pdf_bomb, "too_heavy"),
}


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
