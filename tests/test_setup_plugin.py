"""The installer's changes happen as a whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from core.commands.resume import FOLDER
from core.locations import RECORD, WINDOWS, Locations
from core.setup import application, launcher, plugin, removal, steps, swap
from core.setup.journal import Journal
from core.setup.machine import Machine, SetupError
from core.setup.options import Options
from core.setup.places import Places
from tests.conftest import CHECKOUT

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows makes no links")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the plug-in's files, which a test may change."""
    for folder in ("plugin", "icons", "locale"):
        ignored = shutil.ignore_patterns("__pycache__", RECORD)
        shutil.copytree(CHECKOUT / folder, tmp_path / "checkout" / folder, ignore=ignored)
    return tmp_path / "checkout"


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / RECORD
    path.write_text('{"app": "somewhere"}')
    return path


def tree(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_plugin_is_complete_executable_and_newer_than_gimp_knew(
    checkout: Path, record: Path, tmp_path: Path
) -> None:
    script = checkout / "plugin" / plugin.NAME / "neural-preset.py"
    script.chmod(0o644)
    os.utime(script, (1, 1))

    plugin.install(checkout, tmp_path / "3.0", record, editable=False)

    placed = tmp_path / "3.0" / "plug-ins" / "neural-preset"
    expected = tree(script.parent)
    icons = tree(checkout / "icons")
    assert "neural-preset-manage-symbolic.svg" in icons
    expected.update({f"icons/{name}": content for name, content in icons.items()})
    catalogue = Path("de", "LC_MESSAGES", "neural-preset.mo")
    expected[str("locale" / catalogue)] = (checkout / "locale" / catalogue).read_bytes()
    expected[RECORD] = record.read_bytes()
    assert tree(placed) == expected
    assert os.access(placed / "neural-preset.py", os.X_OK)
    assert (placed / "neural-preset.py").stat().st_mtime > 1
    assert plugin.is_current(checkout, tmp_path / "3.0", record, editable=False)
    assert [entry.name for entry in placed.parent.iterdir()] == ["neural-preset"]


@pytest.mark.parametrize(
    "name", ["procedures.py", RECORD, "icons/neural-preset.svg", "locale/unknown.mo"]
)
def test_any_changed_file_makes_the_plugin_outdated(
    checkout: Path, record: Path, tmp_path: Path, name: str
) -> None:
    plugin.install(checkout, tmp_path, record, editable=False)
    with (plugin.place(tmp_path) / name).open("a") as file:
        file.write(" ")
    assert not plugin.is_current(checkout, tmp_path, record, editable=False)


def test_update_drops_files_that_are_no_longer_part_of_it(
    checkout: Path, record: Path, tmp_path: Path
) -> None:
    plugin.install(checkout, tmp_path, record, editable=False)
    old = plugin.place(tmp_path) / "dropped.py"
    old.write_text("")
    assert not plugin.is_current(checkout, tmp_path, record, editable=False)
    plugin.install(checkout, tmp_path, record, editable=False)
    assert not old.exists()
    assert plugin.is_current(checkout, tmp_path, record, editable=False)


@posix
def test_editable_plugin_is_the_checkouts_and_can_be_taken_back(
    checkout: Path, record: Path, tmp_path: Path
) -> None:
    source = checkout / "plugin" / "neural-preset"
    before = tree(source)

    plugin.install(checkout, tmp_path, record, editable=True)
    assert plugin.is_current(checkout, tmp_path, record, editable=True)
    assert not plugin.is_current(checkout, tmp_path, record, editable=False)
    assert (source / RECORD).read_bytes() == record.read_bytes()

    plugin.forget_record(plugin.place(tmp_path))
    assert tree(source) == before
    plugin.install(checkout, tmp_path, record, editable=False)
    assert not plugin.place(tmp_path).is_symlink()
    assert tree(source) == before


@pytest.mark.parametrize("damaged", [False, True])
def test_uninstalling_finds_every_gimp_and_every_part(
    checkout: Path, record: Path, tmp_path: Path, damaged: bool
) -> None:
    environ = {"NEURAL_PRESET_HOME": str(tmp_path / "home")}
    places = Places.on(Machine(sys.platform, tmp_path, environ))
    locations = Locations.under(places.home, places.python, checkout)
    for folder in (places.venv, places.app, places.presets, locations.log.parent):
        folder.mkdir(parents=True)
    (places.home / "the user's own").write_text("")
    (places.home / WINDOWS).write_text("")
    locations.log.write_text("")
    (locations.log.parent / FOLDER).mkdir()
    locations.save(places.record)
    Journal().also_in([tmp_path / "3.0"]).write(places.journal)
    for version in ("3.0", "3.2"):
        editable = version == "3.0" and sys.platform != "win32"
        plugin.install(checkout, tmp_path / version, places.record, editable)
    launcher.install(places)
    places.venv.with_name("venv.new").mkdir()  # of an installation that was killed
    places.presets.with_name("presets.old").mkdir()
    if damaged:
        places.record.write_text("{")

    removal.uninstall(places, [tmp_path / "3.2"], purge=False)
    removal.remove_home(places)
    kept = {"the user's own", "presets.old"}
    assert {path.name for path in places.home.iterdir()} == {"presets", *kept}
    for version in ("3.0", "3.2"):
        assert not list((tmp_path / version / "plug-ins").iterdir())
    assert not (checkout / "plugin" / "neural-preset" / RECORD).exists()
    assert (checkout / "plugin" / "neural-preset" / "neural-preset.py").is_file()

    removal.uninstall(places, [], purge=True)
    assert {path.name for path in places.home.iterdir()} == kept


def test_interrupted_change_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    target = tmp_path / "venv"
    (target / "lib").mkdir(parents=True)
    (target / "lib" / "old").write_text("old")

    (swap.new_place(target) / "half").mkdir(parents=True)  # cut off while the new one was made
    assert swap.recover(target)
    assert tree(tmp_path) == {os.path.join("venv", "lib", "old"): b"old"}

    target.rename(tmp_path / "venv.old")  # cut off between the two renamings
    assert swap.recover(target)
    assert tree(tmp_path) == {os.path.join("venv", "lib", "old"): b"old"}

    shutil.copytree(target, tmp_path / "venv.old")  # cut off before the old one was gone
    assert swap.recover(target)
    assert not swap.recover(target)
    assert tree(tmp_path) == {os.path.join("venv", "lib", "old"): b"old"}


@posix
def test_removing_a_link_keeps_what_it_points_at(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to("kept")
    assert swap.remove(tmp_path / "link")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    (tmp_path / "dangling").symlink_to("nowhere")
    assert swap.remove(tmp_path / "dangling") and not swap.remove(tmp_path / "dangling")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small checkout."""
    folder = tmp_path / "project"
    for name in (
        *("install.py", "pyproject.toml", "README.md", "core/a.py", "core/__pycache__/a.pyc"),
        *("plugin/neural-preset/neural-preset.py", f"plugin/neural-preset/{RECORD}"),
        *("plugin/typings/gi.pyi", "icons/x.svg", "locale/de/x.mo", "locale/de/x.po"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_copy_of_the_program_is_checked_by_content(project: Path, tmp_path: Path) -> None:
    app = tmp_path / "app"
    assert not application.is_current(project, app)
    application.copy(project, app)
    assert application.is_current(project, app) and not (app / "core" / "__pycache__").exists()

    (app / "core" / "__pycache__").mkdir()
    (app / "core" / "__pycache__" / "a.pyc").write_text("made by running it")
    assert application.is_current(project, app)
    whole = tree(project)
    for name, content in (("core/a.py", "b"), ("core/more.py", ""), ("icons/x.svg", "y")):
        (app / name).write_text(content)
        assert not application.is_current(project, app)
        application.copy(project, app)
        assert application.is_current(project, app)
    assert tree(project) == whole


def test_copy_of_the_program_can_repair_and_tells_its_own_damage(
    project: Path, tmp_path: Path
) -> None:
    app = tmp_path / "app"
    application.copy(project, app)
    names = {
        *("install.py", "pyproject.toml", "core/a.py", "icons/x.svg", "locale/de/x.mo"),
        "plugin/neural-preset/neural-preset.py",
    }
    assert {Path(name).as_posix() for name in tree(app)} == {*names, application.SUMS}
    assert application.noted_sums(app) == application.sums(project)
    assert application.noted_sums(project) is None
    assert application.is_current(app, app)
    (app / "core" / "a.py").write_text("damaged")
    assert not application.is_current(app, app)


def test_installed_copy_neither_copies_nor_removes_itself(project: Path, tmp_path: Path) -> None:
    home = {"NEURAL_PRESET_HOME": str(tmp_path / "home")}
    places = Places.on(Machine(sys.platform, tmp_path, home))
    application.copy(project, places.app)
    step = steps._application(places.app, Options(), places)
    assert step.is_done()
    (places.app / "core" / "a.py").write_text("damaged")
    before = tree(places.app)
    assert not step.is_done()
    with pytest.raises(SetupError, match="cannot repair itself"):
        step.do()
    with pytest.raises(SetupError, match="lies in it"):
        steps._application(places.app, Options(editable=True), places)
    assert tree(places.app) == before
    steps._application(project, Options(), places).do()
    assert step.is_done()


def test_journal_keeps_every_gimp_and_distrusts_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "journal.json"
    assert Journal.read(path) is None
    journal = Journal(False, "0.1.0").also_in([tmp_path / "3.0"])
    journal = journal.also_in([tmp_path / "3.2", tmp_path / "3.0"])
    journal.write(path)
    assert Journal.read(path) == journal
    assert journal.gimp_directories == (str(tmp_path / "3.0"), str(tmp_path / "3.2"))
    for damaged in ("", "{", "[]", '{"finished": "yes", "gimp_directories": 3}'):
        path.write_text(damaged)
        read = Journal.read(path)
        assert read is not None and not read.finished and read.gimp_directories == ()
