from enum import IntEnum

from gi.repository import GObject

def init(argv: list[str] | None) -> None: ...
def config() -> GObject.Object: ...

class AbyssPolicy(IntEnum):
    NONE = 0
    CLAMP = 1

class Rectangle:
    x: int
    y: int
    width: int
    height: int
    @classmethod
    def new(cls, x: int, y: int, width: int, height: int) -> Rectangle: ...

class Buffer:
    __gpointer__: object
    @classmethod
    def new(cls, format_name: str, x: int, y: int, width: int, height: int) -> Buffer: ...
    def get(
        self, rect: Rectangle, scale: float, format_name: str | None, repeat_mode: AbyssPolicy
    ) -> bytes: ...
    def set(self, rect: Rectangle, format_name: str, src: bytes) -> None: ...
    def copy(
        self, src_rect: Rectangle, repeat_mode: AbyssPolicy, dst: Buffer, dst_rect: Rectangle
    ) -> None: ...
    def flush(self) -> None: ...
