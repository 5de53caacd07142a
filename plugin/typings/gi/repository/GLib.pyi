from typing import Any

def __getattr__(name: str) -> Any: ...

class Error(Exception):
    message: str
    @staticmethod
    def new_literal(domain: int, message: str, code: int) -> Error: ...

def get_user_data_dir() -> str: ...
