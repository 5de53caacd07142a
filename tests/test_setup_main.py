"""What the installer says of a failure, and how it begins and ends."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.process.filelock import FileLock
from core.setup import environment, main, record, wholeness
from core.setup.environment import MARKER
from core.setup.machine import Machine, SetupError
from core.setup.options import Options
from core.setup.places import Places
from core.setup.requirements import Requirements
from tests.conftest import CHECKOUT


def in_words(error: OSError) -> str:
    return main._in_plain_words(error)


def test_failures_of_the_disk_are_said_in_plain_words(tmp_path: Path) -> None:
    full = "The disk is full (photo). Make room and run install.py again."
    assert in_words(OSError(errno.ENOSPC, "No space left on device", "photo")) == full
    assert in_words(OSError(errno.EDQUOT, "Disk quota exceeded", "photo")) == full
    several = shutil.Error([("a", "photo", "[Errno 28] No space left on device: 'photo'")])
    assert in_words(several) == full
    forbidden = shutil.Error([("a.py", "b.py", "[Errno 13] Permission denied: 'a.py'")])
    assert "a.py: [Errno 13] Permission denied" in in_words(forbidden)
    assert "are the same file" in in_words(shutil.SameFileError("a and b are the same file"))
    assert "disk of photo is read-only" in in_words(OSError(errno.EROFS, "Read-only", "photo"))
    assert "not allowed to change photo" in in_words(PermissionError(errno.EACCES, "no", "photo"))


def test_a_file_in_use_on_windows_is_said_so() -> None:
    error = PermissionError(errno.EACCES, "used by another process", "torch.dll")
    error.winerror = 32  # type: ignore[attr-defined,unused-ignore]
    assert in_words(error) == "torch.dll is in use. Close GIMP and run install.py again."


def test_unknown_home_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown)
    with pytest.raises(SetupError, match="set the variable HOME"):
        Machine.here()


def install(home: Path, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
    settings = {"NEURAL_PRESET_HOME": str(home), "PATH": os.defpath, **environ}
    return subprocess.run(
        [sys.executable, str(CHECKOUT / "install.py"), f"--gimp-dir={home / 'GIMP'}", *options],
        env=settings,
        capture_output=True,
        check=False,
        encoding="ascii",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="a locale of POSIX")
def test_every_path_can_be_said_in_every_terminal(tmp_path: Path) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = install(tmp_path / "日本", "--dry-run", **ascii_only)
    assert done.returncode == 0, done.stderr
    assert not done.stderr and "Nothing was changed" in done.stdout


def test_folders_of_the_users_are_neither_replaced_nor_removed(tmp_path: Path) -> None:
    for name in ("app", "sample"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.txt").write_text("mine")
    for options in ([], ["--uninstall"], ["--repair"]):
        done = install(tmp_path, *options)
        assert done.returncode == 1
        assert f"{tmp_path / 'app'} is there already and is not ours" in done.stderr
        assert {path.name for path in tmp_path.rglob("*")} == {"app", "sample", "mine.txt"}


def test_what_stands_in_the_way_is_known_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "neural-preset").write_text("mine")
    (tmp_path / "bin" / "neural-preset.cmd").write_text("mine")
    done = install(tmp_path, "--offline", str(tmp_path))
    assert done.returncode == 1 and "is not ours: rename it" in done.stderr
    (tmp_path / "bin").rename(tmp_path / "other")
    (tmp_path / "GIMP").write_text("a file")
    done = install(tmp_path, "--offline", str(tmp_path))
    assert done.returncode == 1 and "a folder is needed there" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"other", "GIMP"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows gives its locks to no other program")
def test_the_lock_is_held_until_pip_has_ended_too(tmp_path: Path) -> None:
    lock, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert lock.acquire(0)
    lock.share()
    waiting = [sys.executable, "-c", "input()"]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE, close_fds=False) as pip:
        lock.release()
        assert not other.acquire(0)
        assert pip.stdin is not None
        pip.stdin.write(b"\n")
    assert other.acquire(0)
    other.release()


def test_a_record_counts_only_if_it_is_whole_and_names_these_places(tmp_path: Path) -> None:
    places = Places.on(Machine(sys.platform, tmp_path, {"NEURAL_PRESET_HOME": str(tmp_path)}))
    places.app.mkdir()

    def written(**changes: str) -> bool:
        fields = {
            "format": "neural-preset-installation",
            "version": 1,
            "presets": str(places.presets),
            "builtin": str(places.app / "core" / "presets_builtin"),
            "runtime": str(tmp_path / "runtime"),
            "log": str(tmp_path / "log" / "worker.log"),
            "python": str(places.python),
            "app": str(places.app),
        }
        places.record.write_text(json.dumps(fields | changes), encoding="utf-8")
        return record.is_current(places, places.app)

    assert written()
    assert not written(presets=str(tmp_path / "elsewhere"))
    assert not written(log="")
    assert not written(python=sys.executable)
    places.record.write_text("{")
    assert not record.is_current(places, places.app)


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with one package, as pip leaves it."""
    (tmp_path / "look.py").write_text("look = 1\n")
    info = tmp_path / "look-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: look\nVersion: 1.0\n")
    noted = "look.py,sha256=hl8s7BmJ_hZDe7u4be54vbWTA97YnkPOgfX4_8Wc2OA,9\n"
    (info / "RECORD").write_text(f"{noted}../../bin/look,sha256=changed,1\nlook.pyc,,\n")
    return tmp_path


def test_a_changed_or_missing_file_of_a_package_is_noticed(packages: Path) -> None:
    script = packages / "look.py"
    assert list(wholeness.damaged(packages)) == []
    script.write_text("look = 2\n")  # of the same size
    assert list(wholeness.damaged(packages)) == [script]
    script.unlink()
    assert list(wholeness.damaged(packages)) == [script]


def test_a_missing_note_is_noticed(packages: Path) -> None:
    before = wholeness.notes(packages)
    (packages / "look-1.0.dist-info" / "RECORD").unlink()
    assert list(wholeness.damaged(packages)) == []
    assert wholeness.notes(packages) != before


def test_an_environment_without_its_packages_is_not_current(tmp_path: Path) -> None:
    needed = Requirements("2.13.0", ())
    windows = sys.platform == "win32"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    version = str(tuple(sys.version_info[:2]))
    text = f'{{"requirements": "{needed.digest}", "python": "{version}", "torch": "", "cuda": ""}}'
    (tmp_path / "venv" / MARKER).write_text(text)
    assert not environment.is_current(tmp_path / "venv", windows, needed, "auto")


def test_a_repair_looks_for_torch_where_the_installation_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []

    def steps(_checkout: Path, options: Options, *_places: object) -> list[object]:
        asked.append(options.torch_index)
        return []

    monkeypatch.setattr(main, "steps", steps)
    environ = {"NEURAL_PRESET_HOME": str(tmp_path)}
    places = Places.on(Machine(sys.platform, tmp_path, environ))
    for options in (
        Options(torch_index="https://one.example/cpu"),
        Options(repair=True),
        Options(torch_index="https://two.example/cpu"),
        Options(),
        Options(wheels=tmp_path),
    ):
        main._install(options, places, [])
    one, two = "https://one.example/cpu", "https://two.example/cpu"
    assert asked == [one, one, two, two, None]
