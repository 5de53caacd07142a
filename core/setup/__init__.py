"""The installer: what `install.py` does, with the standard library alone (Python 3.10 or newer).

It runs from the checkout, before anything is installed, so nothing here may import torch, numpy
or the modules of `core` that do.
"""
