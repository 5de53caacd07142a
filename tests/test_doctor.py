"""The doctor sees what is wrong with an installation, and says what to do."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.cli import main
from core.commands import doctor
from core.commands.doctor import Finding
from core.errors import WorkerError
from core.locations import RECORD, Locations

Check = Callable[[Locations], Iterator[Finding]]


def wrong(check: Check, locations: Locations) -> list[str]:
    return [finding.text for finding in check(locations) if finding.verdict == "wrong"]


@pytest.fixture
def plugin(home: Path, locations: Locations, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The plug-in as installed for the only GIMP."""
    gimp = home / "gimp"
    monkeypatch.setenv("GIMP3_DIRECTORY", str(gimp))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    folder = gimp / "plug-ins" / "neural-preset"
    folder.mkdir(parents=True)
    script = folder / "neural-preset.py"
    script.write_text("#!/usr/bin/env python3\n")
    script.chmod(0o755)
    locations.save(folder / RECORD)
    return folder


def test_a_whole_installation_is_fine(plugin: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    for part in ("Python 3.", "torch 2.", "weights: ", "presets: ", "runtime folder: ", "np-b0"):
        assert f"{part}" in said
    assert f"GIMP plug-in: {plugin}" in said
    assert said.splitlines()[-1] == "Everything works."


def test_what_is_wrong_sets_the_exit_status(
    plugin: Path,
    locations: Locations,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise WorkerError("The background worker does not start.")

    monkeypatch.setattr("core.client.Session.__init__", broken)
    locations.presets.mkdir()
    (locations.presets / "damaged.json").write_text("{}")
    assert main(["doctor"]) == 1
    captured = capsys.readouterr()
    assert "worker: The background worker does not start." in captured.out
    assert "damaged.json" in captured.out
    assert f"Its log: {locations.log}" in captured.out
    assert captured.err == "neural-preset: 2 things are wrong: see above for what to do.\n"


def test_missing_weights_are_seen(locations: Locations, tmp_path: Path) -> None:
    assert wrong(doctor._weights, locations) == []
    elsewhere = dataclasses.replace(locations, app=tmp_path)
    assert "weights are missing" in wrong(doctor._weights, elsewhere)[0]


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_PACKAGES", ("numpy", "no-such-package-anywhere"))
    findings = list(doctor._packages())
    assert [finding.verdict for finding in findings] == ["wrong", "ok"]
    assert "no-such-package-anywhere" in findings[0].text and "--repair" in findings[0].remedy


def test_a_plugin_of_an_installation_that_is_gone_is_seen(
    plugin: Path, locations: Locations
) -> None:
    assert wrong(doctor._plugins, locations) == []
    gone = dataclasses.replace(locations, python=locations.presets / "python")
    gone.save(plugin / RECORD)
    assert "an installation that is gone" in wrong(doctor._plugins, locations)[0]
    (plugin / RECORD).write_text(json.dumps({"format": "something"}))
    findings = list(doctor._guarded(doctor._plugins, locations))
    assert findings[-1].verdict == "wrong" and "install.py" in findings[-1].text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no executable bit")
def test_a_plugin_that_gimp_ignores_is_seen(plugin: Path, locations: Locations) -> None:
    (plugin / "neural-preset.py").chmod(0o644)
    assert "not executable" in wrong(doctor._plugins, locations)[0]


def test_no_plugin_is_only_a_note(plugin: Path, locations: Locations) -> None:
    os.rename(plugin, plugin.with_name("other"))
    (finding,) = doctor._plugins(locations)
    assert finding.verdict == "note" and "install.py" in finding.remedy
