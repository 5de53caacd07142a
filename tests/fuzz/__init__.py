"""Hostile input for everything that reads files or messages of others: `python -m tests.fuzz`.

Inputs are made by changing real ones (`mutation`), each target is a module of its own, and
`campaign` runs them in a process of their own and judges what happens.
"""
