"""install.py on real systems, as a campaign by command: `python -m tests.installs`."""
