"""Every error that a user may see, with a message in a photographer's words.

A message says what was wrong and what to do. Each error becomes a PDB status (plug-in), an exit
code (command line) or a reply (worker) in exactly one place; `code` is its name on the wire.

The text is a template and its values, so that the plug-in can say it in another language:

    raise InputError("There is no file {path}.", path=path)
"""

from __future__ import annotations

from core.phrase import Phrase


class NeuralPresetError(Exception):
    """Something went wrong that the user can understand; nothing was changed."""

    code = "error"

    def __init__(self, template: str, /, **values: object) -> None:
        super().__init__(Phrase(template, **values))

    @property
    def phrase(self) -> Phrase:
        """The text, with how it was made."""
        phrase: Phrase = self.args[0]
        return phrase


class InputError(NeuralPresetError):
    """An argument, a picture or a layer that cannot be used as it is."""

    code = "input"


class PhotoError(InputError):
    """A photo file that cannot be read or written."""

    code = "photo"


class PresetError(InputError):
    """A preset that is missing, damaged, of another version, or whose name is taken."""

    code = "preset"


class LutFileError(InputError):
    """A .cube or HaldCLUT file that cannot be read or written."""

    code = "lut"


class WeightsError(NeuralPresetError):
    """The network's weights are missing or damaged."""

    code = "weights"


class WorkerError(NeuralPresetError):
    """The background worker could not be started, died or does not answer."""

    code = "worker"


class ProtocolError(WorkerError):
    """The other side of the socket speaks another protocol or nonsense."""

    code = "protocol"


class UnknownLutError(NeuralPresetError):
    """The worker has dropped this LUT from its cache: ask for the look again."""

    code = "unknown-lut"


class ForgottenError(NeuralPresetError):
    """The worker does not keep this picture or source for this connection: send it again."""

    code = "forgotten"


_BY_CODE = {
    kind.code: kind
    for kind in (
        NeuralPresetError,
        InputError,
        PhotoError,
        PresetError,
        LutFileError,
        WeightsError,
        WorkerError,
        ProtocolError,
        UnknownLutError,
        ForgottenError,
    )
}


def from_code(code: str, message: str) -> NeuralPresetError:
    """The error that a reply names; an unknown code becomes the base class."""
    return _BY_CODE.get(code, NeuralPresetError)(message)
