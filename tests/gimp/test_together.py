"""Two GIMPs at once share the worker, and neither waits for ever or spoils the other's pixels."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

from tests.gimp.harness import Gimp
from tests.processes import processes_of

CODE = """
    image, layer = new_image(200, 600)
    write(layer, gradient(200, 600), "R'G'B' u8")
    result["outcomes"] = []
    for preset in args["presets"]:
        outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer],
                       preset=preset)
        result["outcomes"].append(outcome.as_dict())
    result["pixels"] = read(layer).hex()
"""


def test_two_gimps_at_once_share_one_worker(gimp: Gimp) -> None:
    gimp.stop_worker()
    second = gimp.folder / "second"
    shutil.copytree(gimp.config, second)
    orders = (["Sepia", "Matte"], ["Teal and Orange", "Golden hour"])

    def run(order: list[str], directory: str) -> dict[str, object]:
        environment = {"GIMP3_DIRECTORY": directory}
        found: dict[str, object] = gimp.run_python(CODE, environment=environment, presets=order)
        return found

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(run, orders, (str(gimp.config), str(second))))
    assert len(processes_of(gimp.home)) == 1
    fine = {"status": "SUCCESS", "message": ""}
    assert [each["outcomes"] for each in both] == [[fine, fine], [fine, fine]]
    alone = [run(order, str(gimp.config))["pixels"] for order in orders]
    assert [each["pixels"] for each in both] == alone
