"""The dialogs of single procedures; each module has the function `ask` of dialog.py."""
