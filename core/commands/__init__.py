"""The commands of `neural-preset`, one module each; nothing heavy is imported until one runs."""
