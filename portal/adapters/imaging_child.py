"""Draws the pages of one untrusted file anew: a program of its own, run by `imaging`, without settings or secrets.

Reads the file from standard input and writes each page as a line of JSON (`width`, `height`, `size`) followed by its
JPEG, then a line with `pages` or `refused`. It limits itself before it reads the first byte. Where the limits ask for
it (`zone_pages`), the lines of the first pages say too what stands in the machine-readable zone.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterator
from typing import IO, Any

JPEG_QUALITY = 85
POINTS_PER_INCH = 72
SMALLEST_TO_READ = 160  # pixels: a zone of letters seven pixels wide needs more
START_OF_SCAN = b"\xff\xda"
MOST_SCANS = 500  # a progressive photo has ten; thousands keep a decoder busy for minutes
BAND = 256  # rows
SECONDS_TO_DRAW = 10  # a file that took longer is not read too
NEW_NETWORK, NEW_USERS = 0x40000000, 0x10000000  # CLONE_NEWNET, CLONE_NEWUSER: a network without any way out
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 1, 22, 38, 2
LOAD, JUMP_EQUAL, JUMP_FROM, JUMP_SET, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # of its program (linux/filter.h)
ALLOW, NOT_PERMITTED, NO_SUCH_CALL, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
OTHER_NUMBERS, CLONE_THREAD, CLONE3 = 0x40000000, 0x10000, 435
FORBIDDEN = {
    # socket, connect, sendto, sendmsg, bind, listen, fork, vfork, execve, ptrace, execveat, io_uring_setup
    "x86_64": (0xC000003E, 56, (41, 42, 44, 46, 49, 50, 57, 58, 59, 101, 322, 425)),
    "aarch64": (0xC00000B7, 220, (198, 203, 206, 211, 200, 201, 221, 117, 281, 425)),
}
"""Kinds of machines: their number, that of the call that makes threads and processes, those that nobody here makes."""
FORMATS = {"image/jpeg": ["JPEG"], "image/png": ["PNG"], "image/heic": ["HEIF"]}


class Refused(Exception):
    """The file cannot be taken; the argument is the code of the reason."""


def main(arguments: list[str]) -> None:
    """Draw what stands in standard input by the limits given as JSON in the only argument."""
    limits = json.loads(arguments[0])
    _limit_ourselves(limits)
    content = sys.stdin.buffer.read()
    out = sys.stdout.buffer
    try:
        count = _write_pages(_pages(content, limits), limits, out)
        verdict: dict[str, Any] = {"pages": count}
    except Refused as refusal:
        verdict = {"refused": str(refusal)}
    except MemoryError:
        verdict = {"refused": "too_heavy"}
    _write_line(out, verdict)
    out.flush()
    os._exit(0)  # whatever the decoders left behind need not be taken down


def _limit_ourselves(limits: dict[str, Any]) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["seconds"]),
        (resource.RLIMIT_FSIZE, limits["output"]),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    if sys.platform == "linux":
        _leave_the_world()


def _leave_the_world() -> None:
    """No network, no other program, no second process; and not to outlive the worker.

    A network of its own is the first lock: only root may, unless in a world of its own, and some kernels allow neither.
    The second is a filter of the kernel's (seccomp), which anybody may lay on itself. One of them must hold.
    """
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    is_alone = library.unshare(NEW_NETWORK) == 0 or library.unshare(NEW_NETWORK | NEW_USERS) == 0
    if _is_filtered(library):
        return
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))  # no threads either, so phones' photos cannot be opened here
    if not is_alone:
        raise SystemExit("neither a network of its own nor a filter of system calls can be had")


def _is_filtered(library: Any) -> bool:
    """Whether the kernel refuses from now on what a decoder never asks for; False where there is no such filter."""
    import ctypes

    lines = _filter(*FORBIDDEN.get(os.uname().machine, (0, 0, ())))
    if not lines:
        return False
    program = b"".join(struct.pack("=HBBI", *line) for line in lines)
    held = ctypes.create_string_buffer(program)
    head = struct.pack("@HP", len(lines), ctypes.addressof(held))
    if library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(library.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(head), 0, 0) == 0)


def _filter(machine: int, clone: int, numbers: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    """The filter's program: a thread is allowed, a process is not, and nothing of `numbers`. Empty for no machine."""
    if not machine:
        return []
    allow = 7 + len(numbers)
    refuse, unknown, look = allow + 1, allow + 2, allow + 3
    return [
        (LOAD, 0, 0, 4), (JUMP_EQUAL, 1, 0, machine), (RETURN, 0, 0, KILL),  # system calls of another kind of machine
        (LOAD, 0, 0, 0), (JUMP_FROM, refuse - 5, 0, OTHER_NUMBERS),
        (JUMP_EQUAL, look - 6, 0, clone), (JUMP_EQUAL, unknown - 7, 0, CLONE3),
        *((JUMP_EQUAL, refuse - at - 1, 0, number) for at, number in enumerate(numbers, start=7)),
        (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, NOT_PERMITTED), (RETURN, 0, 0, NO_SUCH_CALL),
        (LOAD, 0, 0, 16), (JUMP_SET, 0, 1, CLONE_THREAD), (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, NOT_PERMITTED),
    ]  # fmt: skip


def _pages(content: bytes, limits: dict[str, Any]) -> Iterator[Any]:
    media_type = limits["media_type"]
    if media_type == "application/pdf":
        return _pages_of_pdf(content, limits)
    if media_type in FORMATS:
        return iter([_picture(content, FORMATS[media_type], limits)])
    raise Refused("wrong_format")


def _picture(content: bytes, formats: list[str], limits: dict[str, Any]) -> Any:
    """One picture: limits by its header, checksums, decoded whole, turned upright, without anything but its pixels."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # our own limit comes first
    if formats == ["HEIF"]:
        _let_pillow_open_heif()
    try:
        picture = _opened(content, formats, limits["pixels"])
        if formats == ["JPEG"] and content.count(START_OF_SCAN) > MOST_SCANS:
            raise Refused("too_heavy")
        if formats == ["PNG"]:
            picture.verify()
            picture = _opened(content, formats, limits["pixels"])
        picture.draft("RGB", (limits["edge"], limits["edge"]))
        picture.load()
    except (MemoryError, Refused):
        raise
    except Exception as error:  # a decoder's errors have no common kind
        raise Refused("damaged") from error
    turn = _turn_of(picture, content)
    picture = _smooth(picture)
    picture.thumbnail((limits["edge"], limits["edge"]), reducing_gap=3.0)
    return _plain(picture if turn is None else picture.transpose(turn))


def _smooth(picture: Any) -> Any:
    """The picture in a mode that can be made smaller smoothly: black and white, palettes and glass cannot.

    What is see-through is laid on white band by band, for a second whole picture would not fit into our memory.
    """
    from PIL import Image

    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode not in ("P", "PA", "RGBA", "LA") and "transparency" not in picture.info:
        return picture
    plain = Image.new("RGB", picture.size, "white")
    for top in range(0, picture.height, BAND):
        band = picture.crop((0, top, picture.width, min(top + BAND, picture.height))).convert("RGBA")
        plain.paste(band, (0, top), band)
    plain.info = {key: value for key, value in picture.info.items() if key == "icc_profile"}
    return plain


def _let_pillow_open_heif() -> None:
    """A phone's own format, by a decoder that is only ever loaded here."""
    import pi_heif  # type: ignore[import-untyped]

    # One thread: the child may start no other. The first picture only: no thumbnails, depth maps or films.
    pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


def _opened(content: bytes, formats: list[str], most_pixels: int) -> Any:
    import io

    from PIL import Image

    picture = Image.open(io.BytesIO(content), formats=formats)
    if picture.width * picture.height > most_pixels:
        raise Refused("too_many_pixels")
    return picture


def _turn_of(picture: Any, content: bytes) -> Any:
    """How the camera was held. A picture whose notes about itself are broken is taken as it is."""
    from PIL import Image

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    try:
        if picture.format == "HEIF":  # turned by its own boxes already; the camera's note counts where there are none
            return None if b"irot" in content or b"imir" in content else turns.get(picture.info["original_orientation"])
        return turns.get(picture.getexif().get(0x0112))
    except Exception:  # a parser of notes that we do not need
        return None


def _plain(picture: Any) -> Any:
    """The pixels as opaque RGB, in a new picture that carries nothing else."""
    from PIL import Image

    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I;16") or picture.mode == "I":
        picture = picture.convert("I").point(lambda value: value * (1 / 257) + 0).convert("L")
    plain = Image.new("RGB", picture.size)
    plain.paste(_in_usual_colours(picture, profile))
    return plain


def _in_usual_colours(picture: Any, profile: bytes | None) -> Any:
    """The picture in sRGB by the profile that came with it: a phone's or a scanner's colours are not everybody's."""
    import io

    from PIL import ImageCms

    picture = picture.convert("RGB") if picture.mode not in ("RGB", "CMYK", "L") else picture
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):  # broken, or meant for another kind of picture
            return picture.convert("RGB")
    return picture.convert("RGB")


def _pages_of_pdf(content: bytes, limits: dict[str, Any]) -> Iterator[Any]:
    count = _counted(content)
    if count > limits["pages"]:
        raise Refused("too_many_pages")
    document = _opened_pdf(content)
    if len(document) != count:
        raise Refused("damaged")
    for number in range(count):
        yield _drawn(document, number, limits)


def _counted(content: bytes) -> int:
    """How many pages a PDF has by a reader that repairs nothing: a quiet repair may lose pages."""
    import io

    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False, suppress_warnings=True) as document:
            count = len(document.pages)
    except pikepdf.PasswordError as error:
        raise Refused("password") from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise Refused("damaged") from error
    if count == 0:
        raise Refused("damaged")
    return count


def _opened_pdf(content: bytes) -> Any:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
        document.init_forms()
        return document
    except pypdfium2.PdfiumError as error:
        raise Refused("damaged") from error


def _drawn(document: Any, number: int, limits: dict[str, Any]) -> Any:
    """One page as a picture: at the wished resolution, smaller where the page is large."""
    import pypdfium2

    try:
        page = document[number]
        width, height = page.get_size()
        if not (0 < width < 20_000 and 0 < height < 20_000):
            raise Refused("damaged")
        scale = min(limits["dpi"] / POINTS_PER_INCH, limits["edge"] / max(width, height))
        return page.render(scale=scale).to_pil().convert("RGB")
    except pypdfium2.PdfiumError as error:
        raise Refused("damaged") from error


def _write_pages(pages: Iterator[Any], limits: dict[str, Any], out: IO[bytes]) -> int:
    import io

    count = 0
    for picture in pages:
        drawn = io.BytesIO()
        picture.save(drawn, "JPEG", quality=JPEG_QUALITY, optimize=True)
        zone = _zone(picture) if count < limits["zone_pages"] else None
        _write_line(out, {"width": picture.width, "height": picture.height, "size": drawn.tell(), "zone": zone})
        out.write(drawn.getvalue())
        count += 1
    return count


def _zone(picture: Any) -> dict[str, Any] | None:
    """The lines of the machine-readable zone and the places that are not sure; None where nothing can be read."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    if min(picture.size) < SMALLEST_TO_READ or used.ru_utime + used.ru_stime > SECONDS_TO_DRAW:
        return None
    try:
        from portal.adapters import mrz_reader

        read = mrz_reader.read(picture)
    except Exception:  # the page is good without what it says, and an officer reads it herself
        return None
    return {"lines": read.lines, "doubtful": sorted(read.doubtful)} if read else None


def _write_line(out: IO[bytes], line: dict[str, Any]) -> None:
    out.write(json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1:])
