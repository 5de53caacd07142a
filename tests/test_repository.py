"""The repository as a whole: what may not be in it, and that the README speaks of what is there."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
LARGEST = 16 * 1024 * 1024
# Pickles run code when they are loaded.
PICKLES = {".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib", ".npy"}
PRIVATE = re.compile(rb"(?<![\w.~/-])/(?:root|work)/[\w.]|/home/(?!you|user|me\b)\w")
REGISTRIES = re.compile(rb"\b(?:pypi\.org|pythonhosted\.org|download\.pytorch\.org)\b")
PROGRAM = ("core", "plugin", "install.py", "tests")


def tracked() -> list[Path]:
    """The files under version control; without git, all but what is made by running things."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        names = os.fsdecode(listed.stdout).split("\0")[:-1]
        return [CHECKOUT / name for name in names if (CHECKOUT / name).is_file()]
    made = {"__pycache__", ".artifacts", ".mypy_cache", ".ruff_cache", ".git"}
    files = (path for path in CHECKOUT.rglob("*") if path.is_file())
    return [path for path in files if not made & set(path.relative_to(CHECKOUT).parts)]


FILES = tracked()
MODULES = [
    path
    for path in FILES
    if path.suffix == ".py" and path.relative_to(CHECKOUT).parts[0] in PROGRAM
]


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(CHECKOUT)) for path in paths]


def test_nothing_large_and_no_pickle() -> None:
    assert names([path for path in FILES if path.stat().st_size > LARGEST]) == []
    assert names([path for path in FILES if path.suffix.lower() in PICKLES]) == []


def test_no_path_of_somebodys_machine_and_no_package_index() -> None:
    here = Path(__file__).resolve()
    contents = {path: path.read_bytes() for path in FILES if path != here}
    assert names([path for path, data in contents.items() if PRIVATE.search(data)]) == []
    assert names([path for path, data in contents.items() if REGISTRIES.search(data)]) == []


def test_every_module_says_what_it_is_for() -> None:
    silent = []
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        if text and ast.get_docstring(ast.parse(text)) is None:
            silent.append(path)
    assert names(silent) == []


def test_program_never_unpickles_or_leaves_work_for_later() -> None:
    banned = re.compile(r"\bimport pickle\b|\bfrom pickle\b|torch\.load\(|\bTODO\b|\bFIXME\b")
    here = Path(__file__).resolve()
    found = [path for path in MODULES if path != here and banned.search(path.read_text("utf-8"))]
    assert names(found) == []


def test_plugin_script_may_be_run_and_bears_its_folders_name() -> None:
    script = CHECKOUT / "plugin" / "neural-preset" / "neural-preset.py"
    assert script.read_text(encoding="utf-8").startswith("#!/usr/bin/env python3\n")
    assert os.access(script, os.X_OK)


def _shell_lines() -> list[str]:
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_readme_links_and_pictures_exist() -> None:
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)\)", text)
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (CHECKOUT / target).exists()] == []


def test_readmes_python_scripts_exist() -> None:
    scripts = [match[1] for line in _shell_lines() if (match := re.match(r"python3 (\S+)", line))]
    assert scripts
    assert [script for script in scripts if not (CHECKOUT / script).is_file()] == []


def test_readmes_commands_and_their_options_exist() -> None:
    wanted: dict[tuple[str, ...], set[str]] = {}
    for line in _shell_lines():
        if line.startswith("neural-preset "):
            shown = re.findall(r" (--[a-z-]+)", line.split("#")[0])
            wanted.setdefault(_subcommand(line), set()).update(shown)
    assert wanted
    for subcommand, options in wanted.items():
        help_text = subprocess.run(
            [sys.executable, "-m", "core", *subcommand, "--help"],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert help_text.returncode == 0, help_text.stderr
        assert [name for name in options if name not in help_text.stdout] == [], subcommand


def _subcommand(line: str) -> tuple[str, ...]:
    """apply PHOTO... -> [apply]; preset create PHOTO -> [preset, create]."""
    words = line.split()[1:]
    return tuple(words[: 2 if words[0] in {"preset", "worker"} else 1])
