from enum import IntEnum
from typing import Any

from gi.repository import Gio, GObject

# What the widgets use beyond this is not checked.
def __getattr__(name: str) -> Any: ...

class Orientation(IntEnum):
    HORIZONTAL = 0
    VERTICAL = 1

class SizeGroupMode(IntEnum):
    HORIZONTAL = 1
    VERTICAL = 2

class MessageType(IntEnum):
    INFO = 0
    WARNING = 1
    QUESTION = 2
    ERROR = 3

class ButtonsType(IntEnum):
    NONE = 0
    CLOSE = 2
    OK_CANCEL = 5

class FileChooserAction(IntEnum):
    OPEN = 0
    SAVE = 1
    SELECT_FOLDER = 2

class Widget(GObject.Object):
    def __init__(self, **properties: Any) -> None: ...
    def __getattr__(self, name: str) -> Any: ...
    def show_all(self) -> None: ...
    def destroy(self) -> None: ...
    def set_tooltip_text(self, text: str | None) -> None: ...

class Box(Widget):
    def pack_start(self, child: Widget, expand: bool, fill: bool, padding: int) -> None: ...

class Label(Widget):
    @staticmethod
    def new_with_mnemonic(text: str) -> Label: ...
    def set_xalign(self, xalign: float) -> None: ...
    def set_mnemonic_widget(self, widget: Widget | None) -> None: ...

class SizeGroup(GObject.Object):
    @staticmethod
    def new(mode: SizeGroupMode) -> SizeGroup: ...
    def add_widget(self, widget: Widget) -> None: ...

class ComboBoxText(Widget):
    def append(self, id: str | None, text: str) -> None: ...
    def get_active_id(self) -> str | None: ...
    def set_active_id(self, id: str | None) -> bool: ...
    def set_active(self, index: int) -> None: ...

class FileChooserButton(Widget):
    @staticmethod
    def new(title: str, action: FileChooserAction) -> FileChooserButton: ...
    def get_file(self) -> Gio.File | None: ...
    def set_file(self, file: Gio.File) -> bool: ...
    def unselect_all(self) -> None: ...

class Window(Widget): ...

class MessageDialog(Window):
    def __init__(
        self,
        *,
        title: str,
        transient_for: Window,
        modal: bool,
        message_type: MessageType,
        buttons: ButtonsType = ...,
        text: str,
    ) -> None: ...
    def run(self) -> int: ...
