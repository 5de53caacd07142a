"""Match Look: whose look on the left, what becomes of the picture on the right."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

from arguments import Argument  # noqa: E402
from gi.repository import GdkPixbuf, Gimp, Gtk  # noqa: E402
from translation import _, translated  # noqa: E402
from widgets import busy, photofiles, pictures  # noqa: E402
from widgets.controls import Controls  # noqa: E402
from widgets.live import Live  # noqa: E402
from widgets.methods import HEIGHT, WIDTH, Methods  # noqa: E402
from widgets.painter import Options  # noqa: E402
from widgets.preview import Preview  # noqa: E402
from widgets.referenceside import ReferenceSide  # noqa: E402

from core.client import reference_source  # noqa: E402
from core.errors import InputError, NeuralPresetError  # noqa: E402
from core.presetnames import proposed_name  # noqa: E402
from core.protocol import Picture  # noqa: E402
from dialogs import binding, savepreset  # noqa: E402
from dialogs.frame import Contents, Frame, asking  # noqa: E402
from dialogs.loop import tell  # noqa: E402
from dialogs.panes import Panes  # noqa: E402
from dialogs.photo import Photo  # noqa: E402
from dialogs.references import References  # noqa: E402

if TYPE_CHECKING:
    from dialog import Offer

_SIZE, _PANE = (1120, 840), 380
_PLAIN = ("strength", "intent", "keep-luminance", "output", "method")


class _Contents(Contents):
    """What is in the window; the record of the arguments (`config`) is the truth."""

    def __init__(self, frame: Frame) -> None:
        self._window, self._config = frame.window, frame.config
        self._painter = painter = frame.painter
        self._title = frame.declared.title
        self._layers = list(frame.offer.changing)
        self._store = frame.store
        self._references = References(frame.offer.locations, self._layers)
        self._photos: dict[int, Photo] = {}
        self._shown: Photo | None = None
        self._asked: tuple[Any, ...] = ()
        self._style: tuple[Picture, str] | None = None
        self._small: Picture | None = None
        self._quiet = False
        self._preview = Preview(_("Preview of the matched look"))
        self._live = Live(painter, self._preview)
        self._controls = self._make_controls(frame.arguments)
        self._side = ReferenceSide(painter, self._references.thumbnail)
        self._side.list.fill(self._references.layers())
        self._panes = Panes(frame, "match", _SIZE, _PANE)
        self._panes.fill(self._side, self._preview, self._controls)
        self._connect()
        self._on_config()
        self._side.focus()

    @staticmethod
    def prepare(config: Gimp.ProcedureConfig, offer: Offer) -> None:
        """Swap nothing: that was about the pictures of the last time."""
        config.set_property("swap", False)

    def close(self) -> None:
        """Remember how large the user has made the window, and do nothing any more."""
        self._panes.keep()

    def _make_controls(self, arguments: Mapping[str, Argument]) -> Controls:
        controls = Controls()
        method: Any = arguments["method"]
        self._methods = Methods(method.options)
        self._methods.on_pick = controls.custom(
            *(method.name, method.label, method.blurb, self._methods),
            get=lambda: self._methods.way,
            put=self._methods.put,
        )
        for name in ("strength", "intent", "keep-luminance", "output"):
            binding.add(controls, arguments[name])
        binding.bind(controls, self._config, _PLAIN)
        return controls

    def _connect(self) -> None:
        side = self._side
        side.list.connect("chosen", lambda _list, key: self._choose(key))
        side.list.connect("activated", lambda *_: self._window.response(Gtk.ResponseType.OK))
        side.on_file, side.on_paste = self._choose_file, self._paste
        side.on_swap, side.on_save = self._swap, self._save
        side.on_dropped = self._take_file
        for name in ("style-layer", "swap", *_PLAIN):
            self._config.connect(f"notify::{name}", self._on_config)
        self._config.connect("notify::style-file", self._on_file)

    def _choose(self, key: str | None) -> None:
        """Let the arguments have this reference; both of them change before anything follows."""
        self._quiet = True
        self._references.put(self._config, key)
        self._quiet = False
        self._side.notice.clear()
        self._on_config()

    def _on_file(self, *_changed: Any) -> None:
        """Saved settings bring a file, but leave the layer that is there."""
        if self._quiet:
            return
        if self._config.get_property("style-file") is not None:
            self._quiet = True
            self._config.set_property("style-layer", None)
            self._quiet = False
        self._on_config()

    def _on_config(self, *_changed: Any) -> None:
        """Show what the arguments say; without a reference, take the first layer."""
        if self._quiet:
            return
        key = self._references.key(self._config)
        first = self._references.first() if key is None else None
        if first is not None:
            self._choose(first)  # comes back here
            return
        if key is not None and key not in self._side.list.keys:
            self._side.list.add_first(self._references.candidate(key))
        self._side.list.choose(key)
        layer = None if key is None else self._references.layer(key)
        if layer is None and self._config.get_property("swap"):
            self._config.set_property("swap", False)  # comes back here
            return
        swapped = self._config.get_property("swap")
        self._side.set_swapped(swapped, possible=layer is not None and len(self._layers) == 1)
        try:
            self._show(key, layer if swapped else None)
        except InputError as problem:
            self._show_nothing(translated(problem))

    def _show(self, key: str | None, instead: Gimp.Layer | None) -> None:
        """Show what the reference makes of the photo; `instead`: of this layer, being swapped."""
        photo = self._photo(instead or self._layers[0])
        self._turn_to(photo)
        if key is None:
            self._show_nothing(_("Whose look? Choose a photo file, or open a second picture."))
            return
        if not self._references.at_hand(key):
            self._show_nothing("")
            self._open(key, self._on_config)
            return
        if instead is None:
            style, name = self._references.picture(key), self._references.candidate(key).name
        else:
            style, name = self._photo(self._layers[0]).content, self._layers[0].get_name()
        self._style = style, name
        self._side.show_reference(style, name)
        self._window.set_response_sensitive(Gtk.ResponseType.OK, True)
        value = self._config.get_property
        options = Options(value("strength"), value("intent"), value("keep-luminance"))
        words = _("“{photo}” with the look of “{reference}”")
        caption = words.format(photo=photo.layer.get_name(), reference=name)
        if len(self._layers) > 1:
            words = _("The first of {count} layers with the look of “{reference}”")
            caption = words.format(count=len(self._layers), reference=name)
        self._live.show(reference_source(style, value("method")), options, caption)
        self._paint_methods(photo, style, Options(100, options.intent, options.keep_luminance))

    def _show_nothing(self, why: str) -> None:
        self._style = None
        self._asked = ()
        self._live.show(None, Options(), why)
        self._side.show_reference(None, "")
        for way in self._methods.ways:
            self._methods.show_picture(way, None)
        self._window.set_response_sensitive(Gtk.ResponseType.OK, False)

    def _photo(self, layer: Gimp.Layer) -> Photo:
        """A layer is read once."""
        number = layer.get_id()
        if number not in self._photos:
            self._photos[number] = Photo.of(layer)
        return self._photos[number]

    def _turn_to(self, photo: Photo) -> None:
        """Let the preview show this photo."""
        if photo is self._shown:
            return
        self._shown = photo
        side = max(WIDTH, HEIGHT) * pictures.density(self._window)
        self._live.set_picture(photo.content, photo.large(self._window))
        self._small = photo.small(side)

    def _paint_methods(self, photo: Photo, style: Picture, options: Options) -> None:
        asked = (id(photo), id(style), options)
        if asked == self._asked or self._small is None:
            return
        self._asked = asked

        def painted(key: Any, picture: Picture | str) -> None:
            way, wanted = key
            if wanted == self._asked:
                found = None if isinstance(picture, str) else picture
                self._methods.show_picture(way, found)

        wanted = [((way, asked), reference_source(style, way)) for way in self._methods.ways]
        self._painter.thumbnails(photo.content, self._small, wanted, painted, options, "methods")

    def _choose_file(self) -> None:
        folder = self._references.folder(self._config)
        path = photofiles.ask_for_photo(self._window, _("Photo Whose Look Is Wanted"), folder)
        if path is not None:
            self._take_file(path)

    def _open(self, key: str, then: Callable[[], object]) -> None:
        """Have a photo file opened: GIMP takes a while, and all stands still."""
        words = _("Opening “{name}”...")
        self._side.notice.tell(words.format(name=self._references.candidate(key).name))

        def read() -> None:
            with contextlib.suppress(InputError):  # told by what comes then
                self._references.picture(key)
            self._side.notice.clear()
            self._side.list.repaint(key)
            then()

        busy.when_painted(self._window, read)

    def _take_file(self, path: Path) -> None:
        key = self._references.key_of_file(path)
        self._references.forget(key)
        self._open(key, lambda: self._take(key))

    def _take(self, key: str) -> None:
        """Let this photo file be the reference, if it can be."""
        try:
            self._references.picture(key)
        except InputError as problem:
            tell(self._window, self._title, problem)
            return
        self._choose(key)

    def _paste(self) -> None:
        photofiles.read_clipboard(
            self._take_image,
            self._take_file,
            lambda: self._side.notice.complain(
                _("There is no picture in the clipboard: copy one first.")
            ),
        )

    def _take_image(self, image: GdkPixbuf.Pixbuf) -> None:
        try:
            key = self._references.pasted(image)
        except NeuralPresetError as problem:
            tell(self._window, self._title, problem)
            return
        self._side.list.add_first(self._references.candidate(key))
        self._choose(key)

    def _swap(self) -> None:
        self._config.set_property("swap", not self._config.get_property("swap"))

    def _save(self) -> None:
        if self._style is None:
            return
        picture, name = self._style
        proposed = proposed_name(name)
        kept = savepreset.save(self._window, self._painter, self._store, picture, proposed)
        if kept is not None:
            words = _("The look is kept as the preset “{name}”.")
            self._side.notice.tell(words.format(name=kept))


ask = asking(_Contents)
