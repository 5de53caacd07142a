"""Finds texts for users in Python sources, and those that no translator would ever see.

In the plug-in a literal counts as text where it is given to something that shows it (`label=`,
`set_text`, `InputError`), and anywhere if it reads like words: several of them, or one with a
capital. In `core` the texts are the templates of errors and phrases.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

MARKERS = {"_", "ngettext"}
SHOWN_KEYWORDS = {
    *("label", "title", "text", "blurb", "help", "progress", "markup"),
    *("tooltip_text", "secondary_text", "placeholder_text"),
}
SHOWING_CALLS = {
    *("ArgumentError", "InputError", "PresetError", "NeuralPresetError", "NotInstalledError"),
    *("set_text", "set_label", "set_title", "set_markup", "set_tooltip_text", "set_description"),
    *("set_placeholder_text", "set_caption", "new_with_mnemonic", "new_with_label", "add_button"),
    *("append_text", "format_secondary_text", "progress_set_text", "progress_init", "message"),
}
# What these are given is for programs, or for whoever reads a log or a traceback.
SILENT_CALLS = {
    *("require_version", "getLogger", "basicConfig", "info", "debug", "warning", "error"),
    *("exception", "OSError", "TypeError", "ValueError", "RuntimeError", "AssertionError"),
    *("connect", "get_property", "set_property", "getattr", "compile", "signal_new"),
}
_SCOPES = (
    *(ast.FunctionDef, ast.Lambda, ast.ClassDef),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
_SEVERAL = re.compile(r"[^\W\d_]{2,}[,;:]? (?:_?[^\W\d_]|[“({])|[})] [^\W\d_]{2,}")
_CAPITAL = re.compile(r"[(“]?_?[A-Z][\w-]*[a-z][\w-]*(?:[.]{3}|…)?[)”]?")


def untranslated(source: str) -> list[tuple[int, str]]:
    """The line and the words of every text that is not in `_(...)` or `ngettext(...)`."""
    found = []
    for node in ast.walk(_with_parents(source)):
        words = _words(node)
        if words is not None and _is_text(node, words):
            found.append((node.lineno, words))  # type: ignore[attr-defined]
    return sorted(found)


def badly_marked(source: str) -> list[tuple[int, str]]:
    """Calls of `_` and `ngettext` from which no tool can take the text."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in MARKERS:
            texts = node.args[: 2 if _name(node.func) == "ngettext" else 1]
            plain = [isinstance(each, ast.Constant) and bool(each.value) for each in texts]
            if not all(plain):
                found.append((node.lineno, ast.unparse(node)))
    return found


def hidden_markers(source: str) -> list[tuple[int, str]]:
    """Functions that use `_` for a value of their own and to translate."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            own = list(_inside(node))
            calls = [each for each in own if isinstance(each, ast.Call) and _name(each.func) == "_"]
            if calls and any(map(_binds, [*own, *ast.walk(node.args)])):
                found.append((calls[0].lineno, ast.unparse(calls[0])))
    return found


def templates(source: str) -> list[tuple[int, str]]:
    """The line and the text of every template in a module of `core`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        template = _template(node)
        if isinstance(template, ast.Constant):
            found.append((template.lineno, str(template.value)))
    return sorted(found)


def unworded(source: str) -> list[tuple[int, str]]:
    """Where a module of `core` makes a text that cannot be translated, or puts in other values.

    A finished sentence in place of a template, words among its values, and f-strings that read
    like words, wherever they go but into logs and into exceptions of Python's own.
    """
    tree = _with_parents(source)
    finished = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _holds_words(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = []
    for node in ast.walk(tree):
        template = _template(node)
        if template is not None and isinstance(node, ast.Call):
            named = isinstance(template, ast.Name) and template.id in finished
            if named or not _is_worded(node, template):
                found.append((node.lineno, ast.unparse(node)))
        elif isinstance(node, ast.JoinedStr) and not _is_silent(node):
            if _reads_like_words(_words(node) or ""):
                found.append((node.lineno, _words(node) or ""))
    return sorted(found)


def _template(node: ast.AST) -> ast.expr | None:
    """The argument of a call that is a template: InputError(HERE, ...), wrong(key, HERE, ...)."""
    if not isinstance(node, ast.Call):
        return None
    name = _name(node.func)
    ours = name.endswith("Error") and not hasattr(builtins, name)
    # `error` and `_error` hold a class of errors; log.error does not.
    given = name in ("_error", "wrong") or (name == "error" and isinstance(node.func, ast.Name))
    place = 1 if name == "wrong" else 0
    if (ours or given or name == "Phrase") and len(node.args) > place:
        return node.args[place]
    return None


def _is_worded(call: ast.Call, template: ast.expr) -> bool:
    values = [keyword.value for keyword in call.keywords]
    if any(map(_holds_words, values)):
        return False
    if not isinstance(template, ast.Constant):
        return not _holds_words(template)
    fields = set(re.findall(r"\{(.*?)\}", str(template.value)))
    names = {keyword.arg for keyword in call.keywords}
    return fields == names or None in names


def _holds_words(expression: ast.expr) -> bool:
    """Whether there is a literal in it that reads like words, and is not itself a template."""
    waiting: list[ast.AST] = [expression]
    while waiting:
        node = waiting.pop()
        if _template(node) is None:
            if _reads_like_words(_words(node) or ""):
                return True
            waiting += ast.iter_child_nodes(node)
    return False


def _is_silent(node: ast.AST) -> bool:
    """Whether a literal goes into a log or an exception of Python's own."""
    parent = _parent(node)
    return isinstance(parent, ast.Call) and (
        _name(parent.func) in SILENT_CALLS or hasattr(builtins, _name(parent.func))
    )


def _reads_like_words(words: str) -> bool:
    return bool(_SEVERAL.search(words) or _CAPITAL.fullmatch(words))


def _with_parents(source: str) -> ast.Module:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    return tree


def _inside(function: ast.FunctionDef | ast.Lambda) -> Iterator[ast.AST]:
    """What belongs to a function's own scope: not what comprehensions and inner ones bind."""
    body = function.body
    waiting: list[ast.AST] = [*body] if isinstance(body, list) else [body]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting += ast.iter_child_nodes(node)


def _binds(node: ast.AST) -> bool:
    if isinstance(node, ast.arg):
        return node.arg == "_"
    return isinstance(node, ast.Name) and node.id == "_" and isinstance(node.ctx, ast.Store)


def _words(node: ast.AST) -> str | None:
    """The text of a literal, {} for what an f-string puts in; None for other nodes."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return None if isinstance(_parent(node), ast.JoinedStr) else node.value
    if isinstance(node, ast.JoinedStr):
        parts = (each.value if isinstance(each, ast.Constant) else "{}" for each in node.values)
        return "".join(map(str, parts))
    return None


def _is_text(node: ast.AST, words: str) -> bool:
    place: ast.AST = node
    parent = _parent(place)
    # Up to the call, through choices, dicts and tuples: set_text("a" if x else "b").
    while isinstance(parent, (ast.IfExp, ast.BoolOp, ast.BinOp, ast.Dict, ast.Tuple, ast.List)):
        place, parent = parent, _parent(parent)
    if isinstance(parent, ast.Expr):
        return False  # a docstring
    keyword = parent.arg if isinstance(parent, ast.keyword) else None
    call = _parent(parent) if isinstance(parent, ast.keyword) else parent
    name = _name(call.func) if isinstance(call, ast.Call) else ""
    if name in MARKERS or name in SILENT_CALLS:
        return False
    if isinstance(parent, (ast.Subscript, ast.Compare, ast.FormattedValue)):
        return False
    shown = keyword in SHOWN_KEYWORDS if keyword else name in SHOWING_CALLS
    shown = shown or (name == "set_name" and "get_accessible" in ast.unparse(call))
    if shown and any(each.isalpha() for each in words.replace("{}", "")):
        return True
    return _reads_like_words(words)


def _parent(node: ast.AST) -> ast.AST:
    parent: ast.AST = getattr(node, "parent", ast.Module([], []))
    return parent


def _name(function: ast.AST) -> str:
    """The last part of what is called: set_text of self._label.set_text."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
