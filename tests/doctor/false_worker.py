"""Plays the background worker: python3 false_worker.py RUNTIME APP HOW.

silent: holds the lock, and never answers; foreign: does neither; rude: answers nonsense, without
the lock; elsewhere: of another installation; old: of an earlier version. Tells when it listens.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import core
from core import protocol
from core.process import transport
from core.process.holder import claim


def main() -> None:
    runtime, app, how = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    lock = claim(runtime, 10) if how not in ("foreign", "rude") else None
    listener = transport.listen(runtime)
    print("listens", flush=True)
    while True:
        sock = listener.accept()
        if how == "rude":
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            sock.close()
        elif how in ("elsewhere", "old"):
            while (request := protocol.receive(sock)) is not None:
                if request["request"] == "stop" and lock is not None:
                    lock.release()
                    return
                about = {
                    "core": "0.0.1" if how == "old" else core.__version__,
                    "protocol": protocol.VERSION,
                    "app": "/elsewhere" if how == "elsewhere" else os.path.realpath(app),
                }
                protocol.send(sock, {"ok": True, **about})
        else:
            time.sleep(1000)


if __name__ == "__main__":
    main()
