"""Faults for everything that lives on: `python -m tests.faults`.

Processes are killed and stopped, disks fill up, files and folders vanish, clocks jump. Each kind
of fault is a module of its own, `campaign` runs the cases and judges what they leave behind.
"""
