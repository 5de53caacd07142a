"""Tests; `python3 tests/run.py` makes all they need and runs them."""
