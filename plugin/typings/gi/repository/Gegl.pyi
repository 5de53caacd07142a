from enum import IntEnum

def init(argv: list[str] | None) -> None: ...

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
    def get(
        self, rect: Rectangle, scale: float, format_name: str | None, repeat_mode: AbyssPolicy
    ) -> bytes: ...
    def set(self, rect: Rectangle, format_name: str, src: bytes) -> None: ...
    def copy(
        self, src_rect: Rectangle, repeat_mode: AbyssPolicy, dst: Buffer, dst_rect: Rectangle
    ) -> None: ...
    def flush(self) -> None: ...
