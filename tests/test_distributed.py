"""The same training in two processes, started by torchrun as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from core.training import train
from core.training.distributed import Group, join
from tests.conftest import CHECKOUT
from tests.pictures import look_folder, photo_folder

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def torchrun(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(
        [*TORCHRUN, *command],
        check=False, capture_output=True, text=True, timeout=300, env=environment,
    )  # fmt: skip


def test_two_processes_train_one_network(tmp_path: Path) -> None:
    for folder in ("photos", "looks"):
        (tmp_path / folder).mkdir()
    arguments = [
        "--photos", str(photo_folder(tmp_path / "photos")),
        "--looks", str(look_folder(tmp_path / "looks")),
        "--batch", "8", "--side", "32", "--pixels", "64", "--k", "4", "--device", "cpu",
    ]  # fmt: skip
    two, one = tmp_path / "two", tmp_path / "one"
    for steps in ("2", "3"):  # the second call continues the first
        done = torchrun(
            "-m", "core.training.train", *arguments,
            "--out", str(two), "--steps", "3", "--stop-after", steps,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "2 processes" in done.stderr
        assert done.stderr.count(f"step {steps}/3") == 1, "only one process talks"
    train.main([*arguments, "--out", str(one), "--steps", "3"])
    together, alone = (load_file(run / "checkpoint.safetensors") for run in (two, one))
    assert together.keys() == alone.keys()
    # The other process has brought batches of its own.
    assert not torch.equal(together["network.mix.0.weight"], alone["network.mix.0.weight"])


SHARING = """
import torch
from core.training.distributed import join
group, device = join("cpu")
weight, count = torch.full((2, 3), float(group.rank)), torch.tensor(10.0 * group.rank)
group.share([weight, count])
assert torch.equal(weight, torch.full((2, 3), 0.5)) and count == 5, (weight, count)
group.check_same([weight, count])
try:
    group.check_same([weight + group.rank])
except RuntimeError as error:
    print(error)
group.leave()
"""


def test_shares_means_and_notices_a_difference(tmp_path: Path) -> None:
    script = tmp_path / "sharing.py"
    script.write_text(SHARING)
    done = torchrun(str(script))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("have come to differ") == 2


@pytest.mark.parametrize("variable", ["RANK", "WORLD_SIZE"])
def test_alone_without_torchrun(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "1")  # other launchers set it too
    assert join("cpu") == (Group(), torch.device("cpu"))
