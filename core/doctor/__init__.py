"""What `neural-preset doctor` looks at: a module for each group of checks.

Each has a function `check(installation)` that yields findings. All of it gets along with the
standard library (but for `core.paths`), because the environment may be what is broken.
"""
