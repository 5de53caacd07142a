"""`python -m core.doctor`: as `neural-preset doctor --json`, where the commands may be broken."""

from __future__ import annotations

import json

from core.doctor.examination import examine
from core.doctor.finding import report

if __name__ == "__main__":
    print(json.dumps(report(list(examine()))))
