"""What repairs what: the words, and the exact command of this installation."""

from __future__ import annotations

import os
from pathlib import Path

from core.doctor.finding import Remedy, anew
from core.doctor.installation import Installation
from core.phrase import Phrase
from core.setup.application import INSTALLER

_REPAIR = "--repair"


def repair(installation: Installation, *options: str) -> Remedy:
    """By the installer beside the program, which replaces all but the program itself."""
    installer = installation.own_installer
    if installer is None:
        return renew(installation)
    command = installation.install_command(installer, _REPAIR, *options)
    return Remedy(Phrase("Repair the installation:"), command)


def renew(installation: Installation) -> Remedy:
    """By an installer from elsewhere: the program cannot replace itself."""
    installer = installation.other_installer
    if installer is not None:
        command = installation.install_command(installer, _REPAIR)
        return Remedy(Phrase("Install it again:"), command)
    return anew(installation.install_command(INSTALLER, _REPAIR))


def permit(installation: Installation, path: Path) -> Remedy:
    """Lets the user read and write a file, or use a folder."""
    text = Phrase("Give yourself the right to:")
    if installation.machine.is_windows:
        user = installation.machine.environ.get("USERNAME", "%USERNAME%")
        command = installation.shell("icacls", path, "/grant", user + ":(OI)(CI)F")
    elif os.lstat(path).st_uid != os.geteuid():
        command = installation.shell("sudo", "chown", "-R", str(os.geteuid()), path)
    else:
        rights = "u+rwx" if os.path.isdir(path) else "u+rw"
        command = installation.shell("chmod", rights, path)
    return Remedy(text, command)


def remove(installation: Installation, path: Path) -> Remedy:
    """Deletes a file, a link, or a folder that is somebody else's."""
    words: list[str | Path]
    if installation.machine.is_windows:
        words = ["del", path]
    else:
        words = ["rm", "-r", path] if path.is_dir() and not path.is_symlink() else ["rm", path]
        if os.lstat(path).st_uid != os.geteuid():
            words = ["sudo", *words]
    return Remedy(Phrase("Remove it:"), installation.shell(*words))


def move_away(installation: Installation, path: Path) -> Remedy:
    """Keeps a file that is of no use where it does not harm."""
    verb = "move" if installation.machine.is_windows else "mv"
    away = path.with_name(path.name + ".old")
    return Remedy(
        Phrase("Put a good copy in its place, or move it away:"),
        installation.shell(verb, path, away),
    )


def stop_worker(installation: Installation) -> Remedy:
    """Ends the background worker, which starts again when it is needed."""
    return Remedy(Phrase("Stop it:"), installation.own_command("worker", "stop"))
