"""The profiles in the settings: added, edited, given to the lab, taken away.

Files are read and written on a lane; how it looks is in dialogs/profiles_page.py and
dialogs/profile_editor.py.
"""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any, Callable, List, NamedTuple, Optional, Tuple

from qtpy.QtCore import QObject, Signal

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.cluster import data_folder
from sleap_remote_plugin.jobs.own_profiles import (
    Change,
    blank_profile,
    change_of,
    free_profile_name,
    is_shipped,
    keep_text,
    put_back,
    take_away,
    taken_over,
)
from sleap_remote_plugin.jobs.profile_file import text_of
from sleap_remote_plugin.jobs.profile_sharing import shared_text
from sleap_remote_plugin.jobs.profile_writing import changed
from sleap_remote_plugin.jobs.record import save_whole
from sleap_remote_plugin.qt.dialogs.message import ask
from sleap_remote_plugin.qt.dialogs.profile_editor import ProfileEditor
from sleap_remote_plugin.qt.dialogs.profiles_page import Entry, ProfilesPage
from sleap_remote_plugin.qt.profiles import Profiles, read_profiles
from sleap_remote_plugin.qt.worker import Lane
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.words import tr

_STANDS_IN = tr(
    "It came with the program. What you save is a copy of your own, which stands in "
    "for it."
)


class Removed(NamedTuple):
    """What was taken away last, and where it was."""

    kept_as: Path
    path: Path
    name: str


class ProfileSettings(QObject):
    """Serves one page of profiles at a time."""

    changed = Signal(object)  # Profiles, as they are now

    def __init__(
        self, files: Lane, settings: Settings, parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self._files = files
        self._settings = settings
        self._page: Optional[ProfilesPage] = None
        self._removed: Optional[Removed] = None
        self.editors: List[ProfileEditor] = []

    def attach(self, page: ProfilesPage) -> None:
        self._page, self._removed = page, None
        page.add_wanted.connect(self._on_add)
        page.edit_wanted.connect(self._on_edit)
        page.import_wanted.connect(self._on_import)
        page.export_wanted.connect(self._on_export)
        page.remove_wanted.connect(self._on_remove)
        page.put_back_wanted.connect(self._on_put_back)

    def leave(self) -> None:
        """The page is gone; editors stay open, since somebody is typing there."""
        self._page = None

    # -- the text ---------------------------------------------------------------------

    def _on_add(self, like: Optional[Entry]) -> None:
        if like is None or like.path is None or like.profile is None:
            self._do(blank_profile, self._edit_new)
            return
        path, title = like.path, like.profile.title

        def begun() -> str:
            name = free_profile_name(like.profile.name + "-2" if like.profile else "")
            return changed(text_of(path), {"name": name, "title": title + " 2"})

        note = tr("A new profile like {}").format(title)
        self._do(begun, lambda text: self._edit(text, None, note))

    def _on_edit(self, entry: Entry) -> None:
        path = entry.path
        if path is None:
            return
        shipped = entry.profile is not None and is_shipped(entry.profile)
        own, note = (None, _STANDS_IN) if shipped else (path, str(path))
        self._do(lambda: text_of(path), lambda text: self._edit(text, own, note))

    def _edit_new(self, text: str) -> None:
        self._edit(text, None, tr("A new profile"))

    def _edit(self, text: str, path: Optional[Path], note: str) -> None:
        if self._page is None:
            return
        for open_one in self.editors:
            if path is not None and open_one.path == path:
                open_one.raise_()
                open_one.activateWindow()
                return
        editor = ProfileEditor(text, path, note, self._page.window().parentWidget())
        self.editors.append(editor)
        editor.check_wanted.connect(self._on_check)
        editor.save_wanted.connect(self._on_save)
        editor.left.connect(self._on_left)
        editor.show()

    def _on_left(self, editor: ProfileEditor) -> None:
        self.editors = [one for one in self.editors if one is not editor]

    def _on_check(self, editor: ProfileEditor, text: str) -> None:
        self._files.do(
            lambda: change_of(text, editor.path),
            lambda change: self._if_open(
                editor, lambda: editor.show_good(text, _what_saving_does(change))
            ),
            lambda error: self._if_open(editor, lambda: editor.show_wrong(text, error)),
        )

    def _on_save(self, editor: ProfileEditor, text: str) -> None:
        def saved(written: Any) -> None:
            self._if_open(editor, editor.saved)
            words = tr("Saved as {}.").format(written.path)
            if written.backup is not None:
                words += tr(" The old one is kept as {}.").format(written.backup.name)
            self._read_again(words)

        self._files.do(
            lambda: keep_text(change_of(text, editor.path)),
            saved,
            lambda error: self._if_open(editor, lambda: editor.show_not_saved(error)),
        )

    def _if_open(self, editor: ProfileEditor, deed: Callable[[], None]) -> None:
        if editor in self.editors:
            deed()

    # -- from and for the lab ---------------------------------------------------------

    def _on_import(self, path: str) -> None:
        file = Path(path)
        self._do(lambda: taken_over(text_of(file), file), self._ask_about)

    def _ask_about(self, change: Change) -> None:
        if self._page is None:
            return
        difference = change.difference()
        if not difference:
            self._page.say("ok", tr("You have this profile already: nothing changes."))
            return
        profile = change.profile
        text, yes = _what_it_adds(change), tr("Add")
        if change.before:
            yes = tr("Replace") if change.path.exists() else tr("Use it")
        hosts = [hop.host for hop in profile.jump]
        hosts += [profile.login.host] if profile.login is not None else []
        text += tr("\n\nHosts: {}\nDisks: {}").format(
            ", ".join(hosts) or tr("none, it is this computer"),
            ", ".join(sorted({mount.cluster for mount in profile.mounts})),
        )
        ask(
            self._page.window(),
            text,
            yes,
            tr("Cancel"),
            lambda: self._keep(change),
            "remote_import",
            detail=difference,
        )

    def _keep(self, change: Change) -> None:
        self._do(
            lambda: keep_text(change),
            lambda written: self._read_again(tr("Kept as {}.").format(written.path)),
        )

    def _on_export(self, entry: Entry, path: str) -> None:
        profile, source = entry.profile, entry.path
        if profile is None or source is None:
            return

        def write() -> Tuple[str, ...]:
            names = (
                str(self._settings.get("user." + profile.name)),
                getpass.getuser(),
                Path.home().name,
            )
            shared = shared_text(text_of(source), profile, names)
            try:
                save_whole(Path(path), shared.text.encode("utf-8"))
            except OSError as error:
                raise RemoteError(
                    tr("{} could not be written: {}. Choose another folder.").format(
                        path, error.strerror or error
                    )
                ) from error
            return shared.left_out

        self._do(write, lambda left_out: self._say_exported(path, left_out))

    def _say_exported(self, path: str, left_out: Tuple[str, ...]) -> None:
        without = tr(" Left out: {}.").format(", ".join(left_out)) if left_out else ""
        if self._page is not None:
            self._page.say("ok", tr("Saved as {}.{}").format(path, without))

    # -- taken away -------------------------------------------------------------------

    def _on_remove(self, entry: Entry) -> None:
        name = entry.profile.name if entry.profile is not None else ""
        self._do(lambda: _open_jobs(name), lambda count: self._ask_remove(entry, count))

    def _ask_remove(self, entry: Entry, count: int) -> None:
        if self._page is None:
            return
        text = tr(
            "Take {} out of use? Its file is kept beside it as {}.removed."
        ).format(entry.title, entry.path.name if entry.path is not None else "")
        if count:
            jobs = tr("1 job goes") if count == 1 else tr("{} jobs go").format(count)
            text += tr(
                " {} on there, but can be followed and loaded only while there is a "
                "profile of this name."
            ).format(jobs)
        ask(
            self._page.window(),
            text,
            tr("Remove"),
            tr("Keep"),
            lambda: self._remove(entry),
            "remote_remove_profile",
        )

    def _remove(self, entry: Entry) -> None:
        path = entry.path
        if path is None:
            return

        def gone(kept_as: Path) -> None:
            self._removed = Removed(kept_as, path, entry.title)
            words = tr("{} is out of use. Its file is {}.").format(entry.title, kept_as)
            self._read_again(words, can_put_back=True)

        self._do(lambda: take_away(path), gone)

    def _on_put_back(self) -> None:
        removed = self._removed
        if removed is not None:
            self._do(
                lambda: put_back(removed.kept_as, removed.path),
                lambda _: self._read_again(tr("{} is back.").format(removed.name)),
            )

    # -- answers ----------------------------------------------------------------------

    def _do(self, deed: Callable[[], Any], then: Callable[[Any], None]) -> None:
        self._files.do(deed, then, self._show_error)

    def _show_error(self, error: BaseException) -> None:
        if self._page is not None:
            self._page.say("fail", str(error))

    def _read_again(self, words: str, can_put_back: bool = False) -> None:
        self._files.do(
            read_profiles, lambda found: self._show(found, words, can_put_back)
        )

    def _show(self, found: Profiles, words: str, can_put_back: bool) -> None:
        self.changed.emit(found)
        if self._page is not None:
            self._page.show_profiles(found, self._page.chosen())
            self._page.put_back.setVisible(can_put_back)
            self._page.say("ok", words)


def _open_jobs(cluster: str) -> int:
    path = data_folder() / "jobs.sqlite"
    if not cluster or not path.exists():
        return 0
    return sum(not job.state.is_final for job in Store(path).jobs(cluster))


def _what_saving_does(change: Change) -> str:
    if change.path.exists():
        return tr("A profile. Saving changes {}, and keeps the old one.").format(
            change.path.name
        )
    return tr("A profile. Saving makes {}.").format(change.path)


def _what_it_adds(change: Change) -> str:
    profile = change.profile
    title = "{} ({})".format(profile.title, profile.name)
    if change.path.exists():
        return tr(
            "{} takes the place of the profile that you have under this name. Yours is "
            "kept beside it as .bak. Details show what is different."
        ).format(title)
    if change.before:
        return tr(
            "{} stands in for the profile of this name that came with the program. "
            "Details show what is different."
        ).format(title)
    return tr("{} is added to your profiles.").format(title)
