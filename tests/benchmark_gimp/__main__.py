import sys
from tests.benchmark_gimp import dialog
from tests.gimp.harness import Gimp
from tests.gimp.roots import find
from skimage import data
from PIL import Image
import numpy as np

for v in sys.argv[2:] or ["3.0"]:
    g = Gimp(find(v))
    g.install()
    p = g.scratch / "big.jpg"
    a = Image.fromarray(data.astronaut()).resize((6000, 4000), Image.Resampling.BICUBIC)
    a.save(p, quality=92)
    try:
        for r in dialog.measure(g, p, int(sys.argv[1])):
            print(r)
    finally:
        g.close()
