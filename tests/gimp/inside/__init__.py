"""Code that runs inside GIMP's own Python: no pytest, no numpy, nothing of `core` assumed."""
