"""The house keeps its own rules: who imports whom, sizes, first lines, no drawer for odds and ends."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
MODULES = sorted(path for folder in ("portal", "demo") for path in (ROOT / folder).rglob("*.py"))
DRAWERS = {"utils", "util", "helpers", "common", "core", "misc", "shared", "lib"}
LONGEST_FILE = 400


def test_who_may_import_whom() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-3000:]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_lives_there_and_stays_small(path: Path) -> None:
    source = path.read_text()
    if not source.strip():
        pytest.fail("an empty module")
    assert ast.get_docstring(ast.parse(source)), "no docstring in the first line"
    assert source.count("\n") <= LONGEST_FILE
    assert path.stem not in DRAWERS


def test_most_functions_and_files_are_small() -> None:
    lengths = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    files = sorted(path.read_text().count("\n") for path in MODULES)
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 9 // 10] <= 25
    assert files[len(files) // 2] <= 120
    assert files[len(files) * 9 // 10] <= 250


def test_public_services_say_what_they_do() -> None:
    silent = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for folder in ("services", "domain", "adapters", "screening")
        for path in (ROOT / "portal" / folder).glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent, silent


def test_every_setting_is_documented() -> None:
    from portal.config import Settings

    manual = (ROOT / "docs/operating.md").read_text()
    undocumented = [
        name
        for name in Settings.model_fields
        if f"PASSAGE_{name.upper()}" not in manual and f"`{name.upper()}`" not in manual
    ]
    assert not undocumented, undocumented


def test_nothing_names_the_workplace() -> None:
    words = ["/wo" + "rk/", "fa" + "rm-studio", "../sha" + "red", ".libr" + "ary/"]
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.split("\n"):
        path = ROOT / name
        if path.is_file() and path.suffix in (".py", ".md", ".toml", ".html", ".txt", ".sh", ".yml", ".json", ""):
            source = path.read_text(errors="ignore")
            if name.startswith("tests/") and "shared" in source:
                continue  # a test may look for the data beside the project, and skips by name where there is none
            assert not [word for word in words if word in source], name
