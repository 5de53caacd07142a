"""What GIMP is told of a procedure: name, menu, sensitivity, icon, arguments, results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import calls
import installation
from arguments import Argument
from gi.repository import Gimp, Gio, GObject

ICONS = "icons"
MENU = "<Image>/Filters/Neural Preset"
AUTHOR = "The Neural Preset for GIMP project"
YEAR = "2026"


@dataclass(frozen=True)
class Result:
    """A value that a procedure returns; `default` also says of which kind it is."""

    name: str
    label: str
    blurb: str
    default: bool | str

    def add_to(self, procedure: Gimp.Procedure) -> None:
        """Let GIMP know of it."""
        about, flags = (self.name, self.label, self.blurb), GObject.ParamFlags.READWRITE
        if isinstance(self.default, bool):
            procedure.add_boolean_return_value(*about, self.default, flags)
        else:
            procedure.add_string_return_value(*about, self.default, flags)


@dataclass(frozen=True)
class Declaration:
    """One procedure; `action` is the function in filters.py that makes its job."""

    action: str
    label: str
    blurb: str
    help: str
    arguments: Sequence[Argument]
    progress: str
    several: bool = True
    dialog: str = "dialog"
    """the module whose `ask` lets the user fill in the arguments"""
    menus: Sequence[str] = field(default=(MENU,))
    window: bool = False
    """it opens a window of its own, whatever image there is: the module `dialog` has `show`"""
    results: Sequence[Result] = ()
    """what it gives to scripts; then it has nothing else to do for them"""

    @property
    def name(self) -> str:
        return f"plug-in-neural-preset-{self.action.replace('_', '-')}"

    @property
    def title(self) -> str:
        return self.label.replace("_", "").rstrip(".… ")


def registered(plug_in: Gimp.PlugIn, declared: Declaration) -> Gimp.Procedure:
    """The procedure, ready for GIMP."""
    run: Callable[..., Gimp.ValueArray] = calls.show if declared.window else calls.run
    if declared.results:
        run = calls.diagnose
    kind = Gimp.PDBProcType.PLUGIN
    procedure = Gimp.ImageProcedure.new(plug_in, declared.name, kind, run, declared)
    procedure.set_image_types("*" if declared.window else "RGB*")
    procedure.set_sensitivity_mask(_sensitivity(declared))
    help_text = f"{declared.blurb}. {declared.help}"
    procedure.set_documentation(declared.blurb, help_text, declared.name)
    procedure.set_attribution(AUTHOR, AUTHOR, YEAR)
    procedure.set_menu_label(declared.label)
    for path in declared.menus:
        procedure.add_menu_path(path)
    icon = _icon(declared)
    if icon is not None:
        procedure.set_icon_file(Gio.File.new_for_path(str(icon)))
    for argument in declared.arguments:
        argument.add_to(procedure)
    for result in declared.results:
        result.add_to(procedure)
    return procedure


def _sensitivity(declared: Declaration) -> Gimp.ProcedureSensitivityMask:
    """With what the menu entry can be chosen."""
    mask = Gimp.ProcedureSensitivityMask
    if declared.window:
        return mask.ALWAYS
    return mask.DRAWABLE | mask.DRAWABLES if declared.several else mask.DRAWABLE


def _icon(declared: Declaration) -> Path | None:
    """In the plug-in's folder once installed, beside `plugin` in a checkout.

    GIMP does not give a plug-in's icon the colours of its theme: ours are of a grey that stands
    out from its dark and its light menus alike.
    """
    file = f"neural-preset-{declared.action.replace('_', '-')}-symbolic.svg"
    folder = installation.FOLDER
    candidates = (folder / ICONS / file, folder.parent.parent / ICONS / file)
    return next((each for each in candidates if each.is_file()), None)
