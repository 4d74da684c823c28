"""The two commands and what stands behind them: explained, locked, and the same for people and for the machine."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parents[2]
LOCKS = [CLONE / "requirements" / name for name in ("run.txt", "develop.txt")]


def makefile_targets() -> set[str]:
    (phony,) = re.findall(r"^\.PHONY: (.+)$", (CLONE / "Makefile").read_text(), re.MULTILINE)
    return set(phony.split())


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_help_explains_every_command_in_a_line() -> None:
    words = subprocess.run(["make", "help"], cwd=CLONE, capture_output=True, text=True, check=True).stdout
    explained = dict(re.findall(r"^make (\S+) +(\S.+)$", words, re.MULTILINE))
    assert explained.keys() == makefile_targets()
    assert all(len(line) < 110 for line in words.splitlines())


def test_the_machine_runs_what_people_run() -> None:
    lines = (CLONE / ".ci/run").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == ["exec make test"]


@pytest.mark.parametrize("script", [".ci/run", "bin/setup"])
def test_a_script_is_fit_to_run(script: str) -> None:
    assert (CLONE / script).stat().st_mode & 0o111
    subprocess.run(["bash", "-n", CLONE / script], check=True)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_every_package_by_hash_and_names_no_host(lock: Path) -> None:
    packages = lock.read_text().replace("\\\n", " ").splitlines()
    assert len(packages) > 40
    for package in packages:
        assert re.match(r"[a-z0-9.-]+==\S+", package), package
        assert "--hash=sha256:" in package, package
        assert "://" not in package and "--index" not in package and "--find-links" not in package


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_what_the_project_asks_for(lock: Path) -> None:
    project = tomllib.loads((CLONE / "pyproject.toml").read_text())["project"]
    asked = list(project["dependencies"])
    if lock.name == "develop.txt":
        asked += project["optional-dependencies"]["dev"]
    locked = {normalised(name) for name in re.findall(r"^([\w.-]+)==", lock.read_text(), re.MULTILINE)}
    wanted = {normalised(re.split(r"[^\w.-]", name, maxsplit=1)[0]) for name in asked}
    assert wanted <= locked


def test_no_file_of_the_set_up_names_a_registry() -> None:
    for name in ("Makefile", "bin/setup", ".ci/run", "pyproject.toml", "requirements/build.in"):
        assert not re.search(r"://(?!localhost)", (CLONE / name).read_text()), name
