"""Neural Preset: the look of one photo for every other one (arXiv 2303.13511).

Data flows one way: pixels -> thumbnail -> codes -> LUT -> pixels.
"""

__version__ = "0.1.0"
