"""Files are written whole or not at all, and what was there survives every failure."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core import atomic
from core.errors import InputError, PresetError

APP = Path(atomic.__file__).parents[1]


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_new_file_has_the_content_and_the_usual_permissions(tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    atomic.write_bytes(tmp_path / "look.cube", b"LUT")
    assert (tmp_path / "look.cube").read_bytes() == b"LUT"
    assert stat.S_IMODE((tmp_path / "look.cube").stat().st_mode) == stat.S_IMODE(
        ordinary.stat().st_mode
    )
    assert sorted(content(tmp_path)) == ["look.cube", "ordinary"]


def test_temporary_file_is_hidden_beside_the_target_with_its_suffix(tmp_path: Path) -> None:
    with atomic.replacing(tmp_path / "photo.TIFF") as temporary:
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".TIFF"
        assert temporary.name.startswith(".")
        assert not (tmp_path / "photo.TIFF").exists()
        temporary.write_bytes(b"pixels")
    assert content(tmp_path) == {"photo.TIFF": b"pixels"}


def test_existing_file_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    with pytest.raises(PresetError, match="exists already") as refused:
        atomic.write_bytes(path, b"new", error=PresetError)
    assert isinstance(refused.value.__cause__, FileExistsError)
    assert content(tmp_path) == {"a.json": b"old"}


def test_file_that_appears_meanwhile_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with pytest.raises(InputError, match="exists already"), atomic.replacing(path) as temporary:
        temporary.write_bytes(b"mine")
        path.write_bytes(b"theirs")
    assert content(tmp_path) == {"a.json": b"theirs"}


def test_overwriting_keeps_the_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    path.chmod(0o640)
    atomic.write_bytes(path, b"new", overwrite=True)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_overwriting_a_link_leaves_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "original").write_bytes(b"original")
    (tmp_path / "link").symlink_to("original")
    atomic.write_bytes(tmp_path / "link", b"new", overwrite=True)
    assert not (tmp_path / "link").is_symlink()
    assert content(tmp_path) == {"original": b"original", "link": b"new"}


def test_dangling_link_counts_as_an_existing_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(InputError, match="exists already"):
        atomic.write_bytes(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "The disk is full: .* was not written"),
        (errno.EDQUOT, "share of the disk is used up"),
        (errno.EROFS, "is read-only: choose another folder"),
        (errno.EACCES, "is write-protected"),
        (errno.EIO, "could not be written"),
    ],
)
def test_disk_that_refuses_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, message: str
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def refuse(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(InputError, match=message):
        atomic.write_bytes(path, b"new", overwrite=True)
    assert content(tmp_path) == {"a.json": b"old"}


def test_failure_in_the_block_passes_through_and_cleans_up(tmp_path: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        atomic.replacing(tmp_path / "a.json", overwrite=True) as temporary,
    ):
        temporary.write_bytes(b"half")
        raise ZeroDivisionError
    assert content(tmp_path) == {}


def test_error_about_another_file_is_not_blamed_on_this_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic.replacing(tmp_path / "a.json"):
        (tmp_path / "source.jpg").read_bytes()
    assert content(tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing/a.json", "There is no folder"),
        ("file/a.json", "There is no folder"),
        ("folder", "is a folder"),
        ("x" * 300, "too long"),
        ("a\0b", "characters that no file name may have"),
        ("a\ud83d.json", "characters that no file name may have"),
    ],
)
def test_unusable_names_are_refused_in_words(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=message):
        atomic.write_bytes(tmp_path / name, b"", overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_device_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not an ordinary file"):
        atomic.write_bytes(tmp_path / "pipe", b"", overwrite=True)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.parametrize("in_one_step", [True, False])
def test_disks_without_hard_links_still_refuse_a_taken_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_one_step: bool
) -> None:
    def unsupported(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", unsupported)
    if not in_one_step:
        monkeypatch.setattr(atomic, "_renamed_to_free", lambda temporary, path: False)
    path = tmp_path / "a.json"
    atomic.write_bytes(path, b"first")
    with pytest.raises(InputError, match="exists already"), atomic.replacing(tmp_path / "b") as new:
        new.write_bytes(b"mine")
        (tmp_path / "b").write_bytes(b"theirs")
    assert content(tmp_path) == {"a.json": b"first", "b": b"theirs"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has it")
def test_linux_gives_a_free_name_in_one_step_also_without_hard_links(tmp_path: Path) -> None:
    (tmp_path / "temporary").write_bytes(b"whole")
    assert atomic._renamed_to_free(tmp_path / "temporary", tmp_path / "name")
    assert content(tmp_path) == {"name": b"whole"}
    assert not atomic._renamed_to_free(tmp_path / "missing", tmp_path / "other")


def test_one_of_many_simultaneous_writers_wins(tmp_path: Path) -> None:
    results: list[int] = []
    start = threading.Barrier(8)

    def write(number: int) -> None:
        start.wait()
        try:
            atomic.write_bytes(tmp_path / "a.json", bytes([number]) * 100_000)
        except InputError:
            return
        results.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 1
    assert content(tmp_path) == {"a.json": bytes(results) * 100_000}


def test_killed_program_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    program = (
        f"import sys; sys.path.insert(0, {str(APP)!r})\n"
        f"from core import atomic\n"
        f"with atomic.replacing({str(path)!r}, overwrite=True) as temporary:\n"
        f"    temporary.write_bytes(b'half'); print('writing', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-I", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        process.kill()
    assert path.read_bytes() == b"old"


def test_reading_refuses_what_is_too_large_or_no_file(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 11)
    assert atomic.read_bytes(tmp_path / "large", 11) == b"x" * 11
    with pytest.raises(InputError, match="too large"):
        atomic.read_bytes(tmp_path / "large", 10)
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", ""):
        with pytest.raises(InputError, match="not an ordinary file"):
            atomic.read_bytes(tmp_path / name, 10)
    with pytest.raises(InputError, match="There is no file"):
        atomic.read_bytes(tmp_path / "missing", 10)
    with pytest.raises(InputError, match="could not be read"):
        (tmp_path / "loop").symlink_to("loop")
        atomic.read_bytes(tmp_path / "loop", 10)


def test_what_a_killed_program_left_goes_a_day_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """
import os, sys
from pathlib import Path
from core import atomic
with atomic.replacing(Path(sys.argv[1])) as temporary:
    temporary.write_bytes(b"half a pic")
    os.kill(os.getpid(), 9)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "a.png")]
    subprocess.run(command, cwd=APP, check=False, timeout=120)
    (tmp_path / ".np-notes.png").touch()
    (tmp_path / ".np-0123456789abcdef.png").mkdir()
    assert len(content_names(tmp_path)) == 3
    atomic.write_bytes(tmp_path / "b", b"")
    assert len(content_names(tmp_path)) == 4
    monkeypatch.setattr(atomic, "_KEPT_SECONDS", -60)
    # Looked for once only: other programs are killed as rarely as this one is started.
    atomic.write_bytes(tmp_path / "c", b"")
    assert len(content_names(tmp_path)) == 5
    monkeypatch.setattr(atomic, "_swept", set())
    atomic.write_bytes(tmp_path / "d", b"")
    assert content_names(tmp_path) == [
        ".np-0123456789abcdef.png",
        ".np-notes.png",
        *("b", "c", "d"),
    ]


def content_names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))
