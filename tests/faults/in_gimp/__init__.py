"""Faults while a real GIMP uses the plug-in: whatever happens, no layer may be damaged."""
