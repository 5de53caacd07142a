"""Opens dialogs of the plug-in inside GIMP's own Python and tells what widgets are in them.

For `Gimp.run_python`: a screen is needed, but no window of GIMP's.
"""

# mypy: disable-error-code="import-not-found,attr-defined,name-defined"

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

_SETTLED_MS = 500


def start_screen() -> subprocess.Popen[str]:
    """A screen for the windows to come; GTK must not have been imported yet."""
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert screen.stdout is not None
    os.environ["DISPLAY"] = f":{screen.stdout.readline().strip()}"
    return screen


def look(
    plugin: str,
    action: str,
    image: Any,
    drawables: list[Any],
    visit: Callable[[Any], Any] | None = None,
) -> Any:
    """Open the dialog of a procedure, let `visit` look at its window, and close it.

    plugin: the folder of the installed plug-in. `visit` is called until it does not give None, and
    what it gives is returned; else a dict for each widget within reach of a key.
    """
    if plugin not in sys.path:
        sys.path.insert(0, plugin)
    import installation
    import layers
    import procedures
    from gi.repository import Gimp, GLib

    declared = next(each for each in procedures.DECLARATIONS if each.action == action)
    locations = installation.locate()
    found: list[Any] = []
    GLib.timeout_add(_SETTLED_MS, _visit, visit or within_reach, found)
    asking = importlib.import_module(declared.dialog)
    if declared.window:
        asking.show(locations, drawables, declared.title)
        return found[0]
    import dialog

    offer = dialog.Offer(locations, layers.readable(image, drawables))
    procedure = Gimp.get_pdb().lookup_procedure(declared.name)
    asking.ask(procedure, procedure.create_config(), declared, offer, lambda: None)
    return found[0]


def _visit(visit: Callable[[Any], Any], found: list[Any]) -> bool:
    """Look at the dialog and close it; False once there is one, and something to be seen."""
    from gi.repository import Gtk

    for window in Gtk.Window.list_toplevels():
        if isinstance(window, Gtk.Dialog) and window.get_mapped():
            seen = visit(window)
            if seen is not None:
                found.append(seen)
                window.response(Gtk.ResponseType.CANCEL)
                return False
    return True


def within_reach(window: Any) -> list[dict[str, Any]] | None:
    """What the keyboard reaches in a window; None until its gallery is filled."""
    described = [_described(each) for each in parts(window) if _matters(each)]
    return described if all(each["first"] != "" for each in described) else None


def parts(widget: Any) -> Iterator[Any]:
    """The widget and all within, but for the parts that GTK itself speaks for."""
    from gi.repository import Gtk

    yield widget
    if isinstance(widget, Gtk.Container) and not isinstance(widget, (Gtk.ComboBox, Gtk.SpinButton)):
        inside: list[Any] = []
        widget.forall(inside.append)
        if isinstance(widget, Gtk.InfoBar):  # its cross, which ours do not show
            inside = [widget.get_content_area(), widget.get_action_area()]
        for each in inside:
            yield from parts(each)


def _matters(widget: Any) -> bool:
    """Whether the keyboard can be on the widget, or a key leads there.

    A pane's handle takes no Tab, and a place that scrolls gives the keyboard to what is in it.
    """
    from gi.repository import Gtk

    if isinstance(widget, Gtk.Paned):
        return False
    if isinstance(widget, Gtk.ScrolledWindow):
        return not any(each.get_can_focus() for each in parts(widget) if each is not widget)
    return isinstance(widget, Gtk.ComboBox) or widget.get_can_focus() or _key(widget) is not None


def _described(widget: Any) -> dict[str, Any]:
    from gi.repository import Atk, Gtk

    accessible = widget.get_accessible()
    labels = accessible.ref_relation_set().get_relation_by_type(Atk.RelationType.LABELLED_BY)
    return {
        "kind": type(widget).__name__,
        "role": accessible.get_role().value_nick,
        "name": accessible.get_name() or "",
        "labels": [each.get_name() or "" for each in (labels.get_target() if labels else [])],
        "focus": isinstance(widget, Gtk.ComboBox) or widget.get_can_focus(),
        "key": _key(widget),
        "first": _first(accessible) if isinstance(widget, Gtk.IconView) else None,
    }


def _first(gallery: Any) -> str:
    """What a screen reader says of the first picture, which is the chosen one."""
    if not gallery.get_n_accessible_children():
        return ""
    return gallery.ref_accessible_child(0).get_name() or "nothing"


def _key(widget: Any) -> str | None:
    """The letter that leads to a label's widget together with Alt."""
    from gi.repository import Gdk, Gtk

    if not isinstance(widget, Gtk.Label):
        return None
    value = widget.get_mnemonic_keyval()
    return None if value == Gdk.KEY_VoidSymbol else chr(Gdk.keyval_to_unicode(value)).lower()
