"""install.py as a user runs it, from a clean copy of the project, with real packages.

The environment with torch is built once, for the whole file, after a first try that is killed.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from core.process.holder import holder
from core.setup import environment
from core.setup.machine import Machine
from core.setup.places import Places
from core.setup.requirements import Requirements
from tests.conftest import CHECKOUT
from tests.installation import PATIENCE, Installation, copy_project
from tests.processes import stop_worker

KILLER = CHECKOUT / "tests" / "installs" / "killer.py"


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Where everything will be; nothing is installed yet."""
    folder = Path(tempfile.mkdtemp(prefix="np-")).resolve()
    copy_project(folder / "checkout")
    home = folder / "It's Zoë's"
    environ = {"NEURAL_PRESET_HOME": str(home)}
    yield Installation(folder, Places.on(Machine(sys.platform, Path.home(), environ)))
    stop_worker(home)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def first_outputs(installation: Installation) -> tuple[str, str]:
    """What the killed first try has printed, and what the second one, which installs it all."""
    killed = _kill_while_it_installs_torch(installation)
    assert not installation.places.venv.exists()
    assert not any(gimp.exists() for gimp in installation.gimps)
    done = installation.attempt()
    if "cannot be downloaded" in done.stderr:  # a network may fail once without our fault
        done = installation.attempt()
    assert done.returncode == 0, done.stdout + done.stderr
    return killed, done.stdout


@pytest.fixture
def installed(installation: Installation, first_outputs: tuple[str, str]) -> Installation:
    """The installation as the last test left it: complete."""
    return installation


def _kill_while_it_installs_torch(installation: Installation) -> str:
    said = ""
    with subprocess.Popen(
        installation.command(),
        env=installation.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            if "Installing torch" in line:
                break
        os.killpg(process.pid, signal.SIGKILL)
    return said


def _snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Every path with its inode and time of change."""
    states = {path: path.lstat() for path in folder.rglob("*")}
    return {str(path): (state.st_ino, state.st_mtime_ns) for path, state in states.items()}


def test_dry_run_changes_nothing(tmp_path: Path, installation: Installation) -> None:
    fresh = tmp_path / "fresh"
    done = subprocess.run(
        installation.command("--dry-run"),
        env=installation.environ | {"NEURAL_PRESET_HOME": str(fresh)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert f"Would be made: the environment with torch 2.13.0 in {fresh}" in done.stdout
    assert "Would be made: the plug-in in" in done.stdout
    assert not fresh.exists()


def test_killed_installation_is_redone(
    installed: Installation, first_outputs: tuple[str, str]
) -> None:
    killed, redone = first_outputs
    assert "Installing torch" in killed
    assert "The last installation was not finished" in redone
    assert "It works, through the command line" in redone
    made = {path.name for path in installed.places.home.iterdir()}
    assert not {"venv.new", "venv.old", "app.new", "app.old", "install-temporary"} & made
    with Image.open(installed.places.sample / "coffee-golden-hour.jpg") as result:
        assert result.size == (600, 400)
    for gimp in installed.gimps:
        assert installed.app_of(gimp) == str(installed.places.app)


def test_installed_command_works_without_the_checkout_and_the_variable(
    installed: Installation,
) -> None:
    installed.checkout.rename(installed.folder / "away")
    try:
        assert "Golden Hour" in installed.call("preset", "list")
        assert str(installed.places.home) in installed.call("doctor")
        missing = installed.gimps[0] / "plug-ins" / "neural-preset" / "pixels.py"
        missing.unlink()
        said = installed.run(by=installed.places.app / "install.py")
        assert said.count("In place:") == 5 and missing.is_file()
    finally:
        (installed.folder / "away").rename(installed.checkout)


def test_second_run_touches_neither_environment_nor_plugin(installed: Installation) -> None:
    before = _snapshot(installed.places.venv), _snapshot(installed.folder / "GIMP")
    said = installed.run()
    assert said.count("In place:") == 6 and "Making" not in said
    assert before == (_snapshot(installed.places.venv), _snapshot(installed.folder / "GIMP"))


def test_damaged_copies_are_replaced_and_a_running_worker_ends(installed: Installation) -> None:
    runtime = Path(json.loads(installed.places.record.read_text("utf-8"))["runtime"])
    if holder(runtime) is None:
        photo, result = CHECKOUT / "core/sample/coffee.jpg", installed.folder / "sepia.jpg"
        installed.call("apply", str(photo), "--preset", "Sepia", "-o", str(result), "--overwrite")
    worker = holder(runtime)
    assert worker is not None
    (installed.places.app / "core" / "cli.py").write_text("damaged")
    (installed.gimps[1] / "plug-ins" / "neural-preset" / "pixels.py").unlink()

    said = installed.run("--repair")

    assert said.count("In place:") == 4 and said.count("Making") == 2
    assert "Stopped the background worker" in said
    assert holder(runtime) != worker
    assert (installed.gimps[1] / "plug-ins" / "neural-preset" / "pixels.py").is_file()
    assert "Golden Hour" in installed.call("preset", "list")


def test_damaged_package_is_noticed(installed: Installation) -> None:
    places = installed.places
    needed = Requirements.of(installed.checkout / "pyproject.toml")
    assert not environment.is_damaged(places.venv, places.windows, needed)
    newer = replace(needed, others=("timm>=2", *needed.others))
    assert environment.is_damaged(places.venv, places.windows, newer)
    weights = next(places.venv.glob("lib/*/site-packages/safetensors/torch.py"))
    content = weights.read_bytes()
    weights.write_bytes(content[:-1])
    try:
        assert environment.is_damaged(places.venv, places.windows, needed)
    finally:
        weights.write_bytes(content)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_killed_again_and_again_and_damaged_it_is_whole_after_one_run(
    installed: Installation,
) -> None:
    wanted = _contents(installed)
    chance = random.Random(1)
    package = installed.checkout / "core" / "__init__.py"
    text = package.read_text("utf-8")
    killed = 0
    for version in range(5):
        package.write_text(f"{text}# version {version}\n", "utf-8")
        moment = chance.randint(1, 800)  # among about as many changes of the disk
        command = [sys.executable, str(KILLER), str(moment), *installed.command()[1:]]
        done = subprocess.run(
            command, env=installed.environ, capture_output=True, timeout=PATIENCE, check=False
        )
        killed += done.returncode == -signal.SIGKILL
    assert killed
    package.write_text(text, "utf-8")
    installed.places.launcher.write_bytes(b"")
    installed.places.record.write_bytes(b"{")
    installed.places.journal.unlink()
    (installed.places.app / "core" / "cli.py").write_text("damaged")
    shutil.rmtree(installed.gimps[0] / "plug-ins" / "neural-preset" / "icons")

    installed.run("--repair")

    assert _contents(installed) == wanted
    assert "Golden Hour" in installed.call("preset", "list")


def _contents(installation: Installation) -> dict[str, bytes]:
    """All that was installed but for the packages, and all that was left behind."""
    changing = {"site-packages", "__pycache__", "log", "runtime", "install.log"}
    return {
        str(path): path.read_bytes()
        for path in installation.folder.rglob("*")
        if not changing.intersection(path.parts)
        and path.is_file()
        and not path.is_relative_to(installation.checkout)
        and path != installation.places.journal
    }


def test_editable_uses_the_checkout_until_the_next_plain_run(installed: Installation) -> None:
    assert "It works" in installed.run("--editable")
    assert not installed.places.app.exists()
    for gimp in installed.gimps:
        assert (gimp / "plug-ins" / "neural-preset").resolve().is_relative_to(installed.checkout)
        assert installed.app_of(gimp) == str(installed.checkout)

    assert "It works" in installed.run()
    for gimp in installed.gimps:
        assert not (gimp / "plug-ins" / "neural-preset").is_symlink()
        assert installed.app_of(gimp) == str(installed.places.app)


def test_uninstalling_keeps_presets_unless_purged(installed: Installation) -> None:
    copy = _copy(installed)
    preset = copy.places.presets / "mine.json"
    preset.parent.mkdir(exist_ok=True)
    preset.write_text("{}")

    before = _snapshot(copy.folder)
    assert f"Would be removed: {copy.places.venv}" in copy.run("--uninstall", "--dry-run")
    assert _snapshot(copy.folder) == before

    assert f"Your presets stay in {copy.places.presets}" in copy.run("--uninstall")
    assert [path for path in copy.places.home.rglob("*") if path.is_file()] == [preset]
    assert not any(path.is_file() for path in (copy.folder / "GIMP").rglob("*"))

    copy.run("--uninstall", "--purge")
    assert not copy.places.home.exists()
    assert "Nothing of Neural Preset is installed" in copy.run("--uninstall")
    assert not copy.places.home.exists()
    assert "Golden Hour" in installed.call("preset", "list")


def _copy(original: Installation) -> Installation:
    """The same in another folder, less its packages, so that the other tests keep theirs."""
    folder = original.folder / "copy"
    home = folder / "home"
    environ = {"NEURAL_PRESET_HOME": str(home)}
    copy = Installation(folder, Places.on(Machine(sys.platform, Path.home(), environ)))
    ignored = shutil.ignore_patterns("runtime", "install.lock", "site-packages")
    shutil.copytree(original.places.home, home, symlinks=True, ignore=ignored)
    shutil.copytree(original.folder / "GIMP", folder / "GIMP")
    copy.checkout.symlink_to(original.checkout)
    for name in (copy.places.record, copy.places.journal):
        text = json.dumps(json.loads(name.read_text("utf-8")), ensure_ascii=False)
        text = text.replace(str(original.places.home), str(home))
        name.write_text(text.replace(str(original.folder / "GIMP"), str(folder / "GIMP")), "utf-8")
    return copy
