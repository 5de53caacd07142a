"""The pinned requirements, and what the user is told when pip cannot install them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from core.setup import pip
from core.setup.environment import extras, is_current, marker
from core.setup.machine import SetupError
from core.setup.options import EXTRAS, parse
from core.setup.requirements import Requirements
from tests.conftest import CHECKOUT

MISSING = "neural-preset-has-no-such-package==1.0"


@pytest.fixture
def source(tmp_path: Path) -> pip.Source:
    return pip.Source(tmp_path / "install.log", tmp_path / "temporary")


def test_requirements_are_those_of_pyproject() -> None:
    tomllib = pytest.importorskip("tomllib", reason="the reference reader came with Python 3.11")
    listed = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    found = Requirements.of(CHECKOUT / "pyproject.toml")
    assert [f"torch=={found.torch}", *found.others] == listed["dependencies"]
    for extra in EXTRAS:
        more = Requirements.of(CHECKOUT / "pyproject.toml", {extra})
        assert [*found.others, *listed["optional-dependencies"][extra]] == list(more.others)
        assert more.digest != found.digest and more.extras == (extra,)


def test_any_changed_requirement_asks_for_a_new_environment(tmp_path: Path) -> None:
    text = (CHECKOUT / "pyproject.toml").read_text("utf-8")
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text(text.replace('"timm==', '"timm==9'), "utf-8")
    first, changed = Requirements.of(CHECKOUT / "pyproject.toml"), Requirements.of(pyproject)
    assert first.torch == changed.torch and first.digest != changed.digest


def test_damaged_pyproject_is_named(tmp_path: Path) -> None:
    pyproject = tmp_path / "pyproject.toml"
    with pytest.raises(SetupError, match="complete copy of the project"):
        Requirements.of(pyproject)
    pyproject.write_text('[project]\ndependencies = [\n    "numpy",\n]\n')
    with pytest.raises(SetupError, match="does not say which torch"):
        Requirements.of(pyproject)
    pyproject.write_text('[project]\ndependencies = [\n    "torch==2.0",\n]\n')
    with pytest.raises(SetupError, match="does not say what “dask” needs"):
        Requirements.of(pyproject, {"dask"})


def test_missing_wheel_offline_is_named(tmp_path: Path, source: pip.Source) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    offline = pip.Source(source.log, source.temporary, wheels=wheels)
    installer = pip.Pip(Path(sys.executable), offline)
    with pytest.raises(SetupError, match=f"{wheels} has no wheel of {MISSING}"):
        installer.install([MISSING])
    assert not installer.try_install([MISSING])
    assert MISSING in source.log.read_text("utf-8")


def test_no_network_is_told_from_a_missing_package(
    source: pip.Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",  # nobody listens there
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    installer = pip.Pip(Path(sys.executable), source)
    with pytest.raises(SetupError, match="no connection to the package index"):
        installer.install([MISSING])
    with pytest.raises(SetupError, match="--offline WHEELS"):
        installer.try_install([MISSING])


def test_other_failures_of_pip_in_plain_words(source: pip.Source) -> None:
    full = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
    assert "The disk is full" in pip.explain(full, source)
    quota = "ERROR: Could not install packages due to an OSError: [Errno 122] Disk quota exceeded"
    assert "The disk is full" in pip.explain(quota, source)
    long = "HINT: This error might have occurred since this system does not have Windows Long Path "
    assert "Choose a short folder" in pip.explain(f"{long}support enabled.", source)
    none = "ERROR: No matching distribution found for torch==2.13.0\n"
    assert "with another Python, from 3.10" in pip.explain(none, source)
    assert pip.explain("one\nsurprise\n", source).endswith("one\nsurprise")


def test_environment_without_its_marker_is_unfinished(tmp_path: Path) -> None:
    needed = Requirements.of(CHECKOUT / "pyproject.toml")
    assert marker(tmp_path) is None
    assert not is_current(tmp_path, False, needed, "auto")
    for damaged in ("", "[]", '{"requirements": 1}'):
        (tmp_path / "neural-preset.json").write_text(damaged)
        assert marker(tmp_path) is None


def test_an_optional_part_is_kept_by_the_next_installation(tmp_path: Path) -> None:
    assert parse(["--extra", "dask"]).extras == ("dask",)
    assert extras(tmp_path) == set()
    made = {"requirements": "1", "python": "(3, 12)", "torch": "2", "cuda": ""}
    for kept, names in (({}, set()), ({"extras": ""}, set()), ({"extras": "dask"}, {"dask"})):
        (tmp_path / "neural-preset.json").write_text(json.dumps(made | kept))
        assert extras(tmp_path) == names


@pytest.mark.parametrize(
    "arguments",
    [["--purge"], ["--uninstall", "--repair"], ["--offline", "/no/such"], ["--backend", "tpu"]],
)
def test_senseless_options_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        parse(arguments)
    assert stopped.value.code == 2 and arguments[-1] in capsys.readouterr().err
