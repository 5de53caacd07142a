"""The procedures as GIMP sees them: names, menus, arguments, explanations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import calls
import installation
from arguments import (
    Argument,
    FileChoice,
    Flag,
    LayerChoice,
    NewName,
    Number,
    OneOf,
    PresetName,
)
from gi.repository import Gimp, Gio

ICONS = "icons"
MENU = "<Image>/Filters/Neural Preset"
AUTHOR = "The Neural Preset for GIMP project"
YEAR = "2026"

STRENGTH = Number(
    name="strength",
    label="Stren_gth",
    blurb="How much of the look, in percent: 0 changes nothing",
    default=100,
)
KEEP_LUMINANCE = Flag(
    name="keep-luminance",
    label="_Keep luminance",
    blurb="Every pixel keeps its lightness; only hue and saturation change",
)
OUTPUT = OneOf(
    name="output",
    label="O_utput",
    blurb="Change the layer itself, or a copy above it",
    default="in-place",
    options={"in-place": "Change the layer", "new-layer": "New layer above"},
)
PRESET = PresetName(
    name="preset",
    label="_Preset",
    blurb="Give the name of a preset, or the path of a preset file",
)
MIX_PRESET = PresetName(
    name="mix-preset",
    label="Mi_x with",
    blurb="A second preset to mix in, by its name or file; empty for none",
    required=False,
)
MIX = Number(
    name="mix",
    label="M_ix",
    blurb="How much of the second preset: 0 is the first alone, 100 the second alone",
    default=50,
)
METHOD = OneOf(
    name="method",
    label="Metho_d",
    blurb="The network, or the classic match of color statistics",
    default="neural",
    options={"neural": "Neural network", "mkl": "Color statistics (MKL)"},
)
OVERWRITE = Flag(name="overwrite", label="Over_write", blurb="Replace what has this name already")


def _intent(default: float) -> Number:
    return Number(
        name="intent",
        label="Color _match",
        blurb="0 takes the look and leaves the photo's own colors; 100 takes the reference's "
        "colors too",
        default=default,
    )


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

    @property
    def name(self) -> str:
        return f"plug-in-neural-preset-{self.action.replace('_', '-')}"

    @property
    def title(self) -> str:
        return self.label.replace("_", "").removesuffix("...")


_RECOLOR_HELP = (
    " Several selected layers are changed in turn, each judged by its own picture, in one undo "
    "step. Only selected pixels change; the look is always judged by the whole layer. With the "
    "output “new-layer” a copy above the layer changes instead. If anything fails, nothing changes."
)

DECLARATIONS = (
    Declaration(
        action="apply",
        label="_Apply Preset...",
        blurb="Give the selected layers the look that a preset keeps",
        help="The preset is named, or given as the path of a preset file. With a second one "
        "(mix-preset) the look lies between the two, as far along as “mix” says." + _RECOLOR_HELP,
        arguments=(PRESET, STRENGTH, _intent(0), KEEP_LUMINANCE, OUTPUT, MIX_PRESET, MIX),
        progress="Applying the preset",
        dialog="dialogs.apply",
    ),
    Declaration(
        action="transfer",
        label="_Match Look of...",
        blurb="Give the selected layers the look of another layer or photo",
        help="The reference is a layer of any open image (style-layer) or a photo file "
        "(style-file): exactly one of them is to be given." + _RECOLOR_HELP,
        arguments=(
            LayerChoice(
                name="style-layer",
                label="St_yle layer",
                blurb="The layer whose look is wanted; or give a style photo",
            ),
            FileChoice(
                name="style-file",
                label="Style _photo",
                blurb="The photo file whose look is wanted; or give a style layer",
            ),
            STRENGTH,
            _intent(50),
            KEEP_LUMINANCE,
            METHOD,
            OUTPUT,
        ),
        progress="Matching the look",
    ),
    Declaration(
        action="normalize",
        label="_Normalize Colors...",
        blurb="Take the look off the selected layers: neutral colors, as far as can be told",
        help="What a camera, a film or an earlier edit did to the colors is undone as far as the "
        "network can tell it from the picture alone." + _RECOLOR_HELP,
        arguments=(STRENGTH, OUTPUT),
        progress="Normalizing the colors",
    ),
    Declaration(
        action="create",
        label="_Create Preset from Layer...",
        blurb="Keep the look of the selected layer as a preset",
        help="The preset is a small file among the user's presets. It holds a copy of the layer, "
        "256 by 256 pixels small, as its picture. The selection does not matter.",
        arguments=(
            NewName(name="name", label="_Name", blurb="Give the new preset a name"),
            OVERWRITE,
        ),
        progress="Creating the preset",
        several=False,
        menus=(MENU, "<Image>/Layer", "<Layers>/Layers Menu"),
    ),
    Declaration(
        action="export_lut",
        label="_Export Look as LUT...",
        blurb="Write the look that a preset gives the selected layer as .cube or HaldCLUT",
        help="The file serves other programs: .cube for video and photo editors, .png as HaldCLUT. "
        "A look fits the layer that it was made for.",
        arguments=(
            PRESET,
            FileChoice(
                name="file",
                label="_File",
                blurb="The file to write: .cube, or .png for a HaldCLUT",
                save=True,
            ),
            Number(
                name="size",
                label="Si_ze",
                blurb="Nodes along each edge of the table; more are finer",
                default=33,
                lowest=2,
                highest=129,
                whole=True,
            ),
            STRENGTH,
            _intent(0),
            KEEP_LUMINANCE,
            OVERWRITE,
        ),
        progress="Exporting the look",
        several=False,
    ),
    Declaration(
        action="manage",
        label="_Manage Presets...",
        blurb="Rename, tag, delete, copy, import and export presets",
        help="This opens a window and needs no image. Without a screen the command "
        "“neural-preset preset” does the same.",
        arguments=(),
        progress="",
        dialog="dialogs.manage",
        window=True,
    ),
)
BY_NAME = {each.name: each for each in DECLARATIONS}


def create(plug_in: Gimp.PlugIn, name: str) -> Gimp.Procedure | None:
    """The procedure of this name, ready for GIMP; None for a name that is not ours."""
    declared = BY_NAME.get(name)
    if declared is None:
        return None
    run = calls.show if declared.window else calls.run
    procedure = Gimp.ImageProcedure.new(plug_in, name, Gimp.PDBProcType.PLUGIN, run, declared)
    procedure.set_image_types("*" if declared.window else "RGB*")
    procedure.set_sensitivity_mask(_sensitivity(declared))
    procedure.set_documentation(declared.blurb, f"{declared.blurb}. {declared.help}", name)
    procedure.set_attribution(AUTHOR, AUTHOR, YEAR)
    procedure.set_menu_label(declared.label)
    for path in declared.menus:
        procedure.add_menu_path(path)
    icon = _icon(declared)
    if icon is not None:
        procedure.set_icon_file(Gio.File.new_for_path(str(icon)))
    for argument in declared.arguments:
        argument.add_to(procedure)
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
