"""How long the plug-in takes inside real GIMPs; no tests, for times depend on the machine."""
