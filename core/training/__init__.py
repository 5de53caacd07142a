"""Training and evaluation of the network: `train`, `evaluate` and what they share."""
