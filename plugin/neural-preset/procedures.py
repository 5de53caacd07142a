"""The procedures: what each is called, where it stands, which arguments it takes, and why."""

from __future__ import annotations

from arguments import FileChoice, Flag, LayerChoice, NewName, Number, OneOf, PresetName, Text
from declaration import MENU, Declaration, Result, registered
from gi.repository import Gimp
from translation import _

STRENGTH = Number(
    name="strength",
    label=_("Stren_gth"),
    blurb=_("How much of the look, in percent: 0 changes nothing"),
    default=100,
)
KEEP_LUMINANCE = Flag(
    name="keep-luminance",
    label=_("_Keep luminance"),
    blurb=_("Every pixel keeps its lightness; only hue and saturation change"),
)
DITHER = Flag(
    name="dither",
    label=_("_Dither"),
    blurb=_(
        "On layers of 8 bits, colors between two levels become a fine pattern instead of bands"
    ),
    default=True,
)
OUTPUT = OneOf(
    name="output",
    label=_("O_utput"),
    blurb=_("Change the layer itself, or a copy above it"),
    default="in-place",
    options={"in-place": _("Change the layer"), "new-layer": _("New layer above")},
)
PRESET = PresetName(
    name="preset",
    label=_("_Preset"),
    blurb=_("Give the name of a preset, or the path of a preset file"),
)
MIX_PRESET = PresetName(
    name="mix-preset",
    label=_("Mi_x with"),
    blurb=_("A second preset to mix in, by its name or file; empty for none"),
    required=False,
)
MIX = Number(
    name="mix",
    label=_("M_ix"),
    blurb=_("How much of the second preset: 0 is the first alone, 100 the second alone"),
    default=50,
)
METHOD = OneOf(
    name="method",
    label=_("M_ethod"),
    blurb=_("The network, or the classic match of color statistics"),
    default="neural",
    options={"neural": _("Neural network"), "mkl": _("Color statistics (MKL)")},
)
OVERWRITE = Flag(
    name="overwrite", label=_("Over_write"), blurb=_("Replace what has this name already")
)


def _intent(default: float) -> Number:
    return Number(
        name="intent",
        label=_("Color _match"),
        blurb=_(
            "0 takes the look and leaves the photo's own colors; 100 takes the reference's "
            "colors too"
        ),
        default=default,
    )


_RECOLOR_HELP = _(
    "Several selected layers are changed in turn, each judged by its own picture, in one undo "
    "step. Only selected pixels change; the look is always judged by the whole layer. With the "
    "output “new-layer” a copy above the layer changes instead. If anything fails, nothing changes."
)


def _with(text: str) -> str:
    """The help of a procedure that changes the colours of layers."""
    return f"{text} {_RECOLOR_HELP}"


DECLARATIONS = (
    Declaration(
        action="apply",
        label=_("_Apply Preset..."),
        blurb=_("Give the selected layers the look that a preset keeps"),
        help=_with(
            _(
                "The preset is named, or given as the path of a preset file. With a second one "
                "(mix-preset) the look lies between the two, as far along as “mix” says."
            )
        ),
        arguments=(PRESET, STRENGTH, _intent(0), KEEP_LUMINANCE, OUTPUT, MIX_PRESET, MIX, DITHER),
        progress=_("Applying the preset"),
        dialog="dialogs.apply",
    ),
    Declaration(
        action="transfer",
        label=_("_Match Look of..."),
        blurb=_("Give the selected layers the look of another layer or photo"),
        help=_with(
            _(
                "The reference is a layer of any open image (style-layer) or a photo file "
                "(style-file): exactly one of them is to be given. With “swap” the style layer "
                "changes instead, after the look of the one selected layer."
            )
        ),
        arguments=(
            LayerChoice(
                name="style-layer",
                label=_("St_yle layer"),
                blurb=_("The layer whose look is wanted; or give a style photo"),
            ),
            FileChoice(
                name="style-file",
                label=_("Style _photo"),
                blurb=_("The photo file whose look is wanted; or give a style layer"),
            ),
            STRENGTH,
            _intent(50),
            KEEP_LUMINANCE,
            METHOD,
            OUTPUT,
            Flag(
                name="swap",
                label=_("S_wap"),
                blurb=_("Change the style layer instead, after the look of the selected layer"),
            ),
            DITHER,
        ),
        progress=_("Matching the look"),
        dialog="dialogs.match",
    ),
    Declaration(
        action="normalize",
        label=_("_Normalize Colors..."),
        blurb=_("Take the look off the selected layers: neutral colors, as far as can be told"),
        help=_with(
            _(
                "What a camera, a film or an earlier edit did to the colors is undone as far as "
                "the network can tell it from the picture alone."
            )
        ),
        arguments=(STRENGTH, OUTPUT, DITHER),
        progress=_("Normalizing the colors"),
    ),
    Declaration(
        action="create",
        label=_("_Create Preset from Layer..."),
        blurb=_("Keep the look of the selected layer as a preset"),
        help=_(
            "The preset is a small file among the user's presets. It holds a copy of the layer, "
            "256 by 256 pixels small, as its picture. The selection does not matter."
        ),
        arguments=(
            NewName(name="name", label=_("_Name"), blurb=_("Give the new preset a name")),
            OVERWRITE,
            Text(
                name="tags",
                label=_("_Tags"),
                blurb=_("Words to find the preset by, with commas between"),
            ),
        ),
        progress=_("Creating the preset"),
        dialog="dialogs.create",
        several=False,
        menus=(MENU, "<Image>/Layer", "<Layers>/Layers Menu"),
    ),
    Declaration(
        action="export_lut",
        label=_("_Export Look as LUT..."),
        blurb=_("Write the look that a preset gives the selected layer as .cube or HaldCLUT"),
        help=_(
            "The file serves other programs: .cube for video and photo editors, .png as HaldCLUT. "
            "A look fits the layer that it was made for."
        ),
        arguments=(
            PRESET,
            FileChoice(
                name="file",
                label=_("_File"),
                blurb=_("The file to write: .cube, or .png for a HaldCLUT"),
                save=True,
            ),
            Number(
                name="size",
                label=_("Si_ze"),
                blurb=_("Nodes along each edge of the table; more are finer"),
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
        progress=_("Exporting the look"),
        dialog="dialogs.export",
        several=False,
    ),
    Declaration(
        action="manage",
        label=_("Mana_ge Presets..."),
        blurb=_("Rename, tag, delete, copy, import and export presets"),
        help=_(
            "This opens a window and needs no image. Without a screen the command "
            "“neural-preset preset” does the same."
        ),
        arguments=(),
        progress="",
        dialog="dialogs.manage",
        window=True,
    ),
    Declaration(
        action="diagnostics",
        label=_("_Diagnostics..."),
        blurb=_("Check the installation of Neural Preset and say what repairs it"),
        help=_(
            "This opens a window and needs no image. Without a window (RUN-NONINTERACTIVE) it "
            "returns whether all is well, and the report as a text. It succeeds whatever it finds."
        ),
        arguments=(),
        progress="",
        dialog="dialogs.diagnostics",
        window=True,
        results=(
            Result("healthy", _("_Healthy"), _("Whether nothing is wrong"), default=False),
            Result("report", _("_Report"), _("What was found, and what to do"), default=""),
        ),
    ),
)
BY_NAME = {each.name: each for each in DECLARATIONS}


def create(plug_in: Gimp.PlugIn, name: str) -> Gimp.Procedure | None:
    """The procedure of this name, ready for GIMP; None for a name that is not ours."""
    declared = BY_NAME.get(name)
    return registered(plug_in, declared) if declared is not None else None
