"""`python -m core`: the same as `neural-preset`."""

from __future__ import annotations

import sys

from core.cli import main

sys.exit(main())
