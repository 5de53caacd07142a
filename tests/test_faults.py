"""A short campaign of faults, and what one counts as damage."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import atomic
from core.errors import InputError
from core.locations import HOME_VARIABLE
from core.process import launch, rendezvous
from tests.faults import campaign
from tests.faults.campaign import Kind, Summary
from tests.faults.children import ChildError, in_child
from tests.faults.in_gimp.campaign import between
from tests.faults.keeping import PRESETS, Keeping, Knowledge, check_whole, hidden
from tests.faults.scene import Damage, Scene

CHECKOUT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="campaigns look into /proc"
)


def test_no_fault_damages_anything() -> None:
    command = [sys.executable, "-m", "tests.faults", "--jobs", "2"]
    command += ["--cases", "300", "--seconds", "25"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert campaign.END in done.stdout
    for line in done.stdout.splitlines():
        if line.startswith("LEFT OUT"):
            print(line)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """One without a worker."""
    monkeypatch.setenv(HOME_VARIABLE, "")
    yield Scene(tmp_path / "home", None, {})  # type: ignore[arg-type]
    rendezvous.launch = launch.launch


def summary(scene: Scene, case: Callable[[Scene], str]) -> Summary:
    """What a campaign of one case says."""
    kind = Kind("trial", case)
    records = campaign.run([(kind, 0)], 1, scene, time.monotonic() + 60)
    return campaign.summed(records, [kind])[0]


def test_our_own_error_is_what_a_user_is_told(scene: Scene) -> None:
    def refused(scene: Scene) -> str:
        def action() -> None:
            raise InputError("{path} has {count} errors.", path=scene.home / "x", count=12)

        return campaign.told(action, scene)

    assert summary(scene, refused).outcomes == {"~/x has # errors.": 1}


@pytest.mark.parametrize("error", [Damage("lost"), KeyError("x")])
def test_any_other_error_is_damage(scene: Scene, error: Exception) -> None:
    def fail(scene: Scene) -> str:
        raise error

    (damage,) = summary(scene, fail).damaged
    assert "trial 1 0: " in damage and "test_faults.py" in damage


def test_a_case_that_hangs_is_damage(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "LONGEST", 1)

    def hang(scene: Scene) -> str:
        time.sleep(60)
        return campaign.COMPLETED

    assert "it hangs" in summary(scene, hang).damaged[0]


def test_cases_are_the_same_again_and_all_kinds_mixed() -> None:
    kinds = [Kind("often", lambda scene: "", 3), Kind("rare", lambda scene: "", 0.01)]
    plan = campaign.plan(kinds, 40)
    assert plan == campaign.plan(kinds, 40)
    assert sorted(number for kind, number in plan if kind is kinds[0]) == list(range(40))
    assert [number for kind, number in plan if kind is kinds[1]] == [0]
    assert plan[-1][0] is kinds[0]


def test_a_process_dies_at_the_line_that_is_named(tmp_path: Path) -> None:
    def write() -> str:
        atomic.write_bytes(tmp_path / "file", b"data")
        return "written"

    assert in_child(write) == "written"
    (tmp_path / "file").unlink()
    assert in_child(write, fatal_line=1) == "killed" and not os.listdir(tmp_path)
    assert in_child(write, fatal_line=20) == "killed" and not (tmp_path / "file").exists()
    assert in_child(write, fatal_line=10**6) == "written"
    with pytest.raises(ChildError, match="ZeroDivisionError"):
        in_child(lambda: str(1 // 0))


@pytest.fixture
def replaced(tmp_path: Path) -> tuple[Path, tuple[dict[str, bytes], ...]]:
    """A folder of presets, and what it holds before and after one is replaced."""
    action = next(action for action in PRESETS if action.name == "replace")
    folder = tmp_path / "kept"
    return folder, Knowledge().of(action, folder)  # type: ignore[return-value]


def test_old_and_new_are_whole_and_a_temporary_file_may_stay(replaced) -> None:
    folder, states = replaced
    check_whole(folder, states)
    (folder / "presets" / "faded.json").write_bytes(states[-1]["presets/faded.json"])
    (folder / "presets" / ".np-0123456789abcdef.json").touch()
    check_whole(folder, states)


HARMS: dict[str, Callable[[Path], object]] = {
    "faded.json is damaged": lambda presets: os.truncate(presets / "faded.json", 100),
    "faded.json is lost": lambda presets: (presets / "faded.json").unlink(),
    "cold-film.json is lost": lambda presets: (presets / "cold-film.json").unlink(),
    "a file presets/more.json appeared": lambda presets: (presets / "more.json").touch(),
    "nothing sweeps": lambda presets: (presets / ".left").touch(),
}


@pytest.mark.parametrize("harm", HARMS)
def test_harm_is_seen(replaced, harm: str) -> None:
    folder, states = replaced
    HARMS[harm](folder / "presets")
    with pytest.raises(Damage, match=harm):
        check_whole(folder, states)


def test_an_action_that_leaves_something_is_seen(tmp_path: Path) -> None:
    action = Keeping("careless", lambda folder: (folder / ".left").touch())
    with pytest.raises(Damage, match="are left"):
        Knowledge().of(action, tmp_path / "kept")
    assert hidden(tmp_path / "kept")


@pytest.mark.parametrize(
    ("now", "good"),
    [("abc", True), ("aBc", True), ("ABC", True), ("ab", False), ("abcA", False), ("bac", False)],
)
def test_each_layer_is_changed_or_not(now: str, good: bool) -> None:
    assert between(now, "abc", "ABC") is good


@pytest.mark.parametrize("now", ["ab", "Aab", "aBb", "AaBb"])
def test_new_layers_are_there_or_not(now: str) -> None:
    assert between(now, "ab", "AaBb")


@pytest.mark.parametrize("now", ["aab", "A", "Aa", "abB", "AAab"])
def test_new_layers_are_no_others_and_the_old_ones_stay(now: str) -> None:
    assert not between(now, "ab", "AaBb")
