"""Tests that run the plug-in inside real GIMPs (3.0 and 3.2)."""
