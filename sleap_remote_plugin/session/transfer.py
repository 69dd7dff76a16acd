"""Copies to the cluster's disk: whole or not there, checked, and gone on with.

What is copied has a temporary name until its size and SHA-256 are right. A copy that
was interrupted is found again by that name, which says of which source it is; what is
there is compared before it is gone on with. What a target does is in target.py.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import os
import threading
from pathlib import PurePosixPath
from typing import Dict, Iterator, Optional, Sequence, Tuple

from sleap_remote_plugin.errors import (
    Cancelled,
    ConnectionFailed,
    CopyStopped,
)
from sleap_remote_plugin.session import transfer_words as words
from sleap_remote_plugin.session.copies import Copies, Copy
from sleap_remote_plugin.session.file_copy import FileCopies, loads
from sleap_remote_plugin.session.room import check_room
from sleap_remote_plugin.session.sources import Item
from sleap_remote_plugin.session.target import Target, folders_of
from sleap_remote_plugin.session.transfer_progress import Meter, Told
from sleap_remote_plugin.words import tr

log = logging.getLogger(__name__)

#: Files below this size go many at a time.
SMALL = 1 << 20
#: Seconds until a copy goes on by itself after the connection was lost.
_PAUSES = (1.0, 10.0, 30.0)


class Transfer:
    """One run of copies; `run` blocks, and is called again to go on.

    Parameters
    ----------
    items : sequence of Item
    target : Target
    copies : Copies
        Where finished ones are remembered.
    told : callable
        Gets a Progress whenever there is news, from the thread that copies.
    """

    def __init__(
        self, items: Sequence[Item], target: Target, copies: Copies, told: Told
    ) -> None:
        self.items = tuple(items)
        self.target = target
        self.copies = copies
        self._stop = threading.Event()
        self._meter = Meter(self.items, told)
        self._files = FileCopies(target, self._meter, self._stop)

    def cancel(self) -> None:
        """Stop at once, from any thread; what was copied stays, to go on from."""
        self._stop.set()
        threading.Thread(target=self.target.interrupt, daemon=True).start()

    @property
    def is_cancelled(self) -> bool:
        return self._stop.is_set()

    def run(self) -> Dict[str, str]:
        """Copy what is not there yet.

        Returns
        -------
        dict
            Source -> the copy's path on the cluster.

        Raises
        ------
        Cancelled, CopyStopped, NoRoom, SourceChanged
            What was finished is remembered, what was begun is gone on with.
        """
        for pause in _PAUSES + (None,):
            self._meter.begin()
            try:
                return self._run()
            except ConnectionFailed as error:
                if self._stop.is_set():
                    raise Cancelled(words.CANCELLED) from error
                if pause is None:
                    raise CopyStopped(
                        words.LOST.format(error), detail=error.detail
                    ) from error
                log.info("The copy goes on after: %s", error)
                self._stop.wait(pause)
            except OSError as error:
                raise words.disk_refused(self.target.folder, error) from error
            finally:
                self.target.end()
        raise AssertionError

    def _run(self) -> Dict[str, str]:
        self._files.step(self.target.begin)
        room = self._files.step(self.target.room)
        needed = sum(self._missing(item) for item in self.items)
        check_room(room, needed, self.target.folder)
        return {item.source: self._copy_item(item) for item in self.items}

    # -- one item ---------------------------------------------------------------------

    def _part(self, item: Item) -> str:
        return ".{}.{}.part".format(words.short(item.name), item.key)

    def _missing(self, item: Item) -> int:
        """Bytes of an item that are still to be copied."""
        if self._known(item) is not None:
            return 0
        part = self._part(item)
        there = self._files.step(lambda: self.target.size(part))
        if there is None:
            return item.size
        if there < 0:
            sizes = self._files.step(lambda: self.target.sizes(part))
            there = sum(sizes.values())
        return max(0, item.size - there)

    def _known(self, item: Item) -> Optional[Copy]:
        """The copy that was made before, if it is still there as it was."""
        copy = self.copies.find(item)
        if copy is None:
            return None
        path = PurePosixPath(copy.copied)
        if path.parent != self.target.cluster:
            return None
        there = self._files.step(lambda: self.target.size(path.name))
        right = -1 if item.is_folder else item.size
        return copy if there == right else None

    def _copy_item(self, item: Item) -> str:
        known = self._known(item)
        if known is not None:
            self._meter.skip(item)
            return known.copied
        name, digest = self._same_already(item)
        if not digest:
            part = self._part(item)
            digest = self._make(item, part)
            name = self._named(item, part)
        copied = str(self.target.cluster / name)
        self.copies.add(
            Copy(
                self.copies.cluster,
                item.source,
                copied,
                item.size,
                item.newest,
                digest,
                item.is_folder,
            )
        )
        return copied

    def _names(self, item: Item) -> Iterator[str]:
        """Names to try: its own, then with its folder's, then numbered."""
        yield item.name
        folder = os.path.basename(os.path.dirname(item.source.rstrip("/\\")))
        stem = "{} {}".format(folder, item.name) if folder else item.name
        yield stem
        head, dot, tail = stem.rpartition(".")
        for number in range(2, 10000):
            if dot and head:
                yield "{}.{}.{}".format(head, number, tail)
            else:
                yield "{}.{}".format(stem, number)

    def _same_already(self, item: Item) -> Tuple[str, str]:
        """What is there with just this content under any of our names; its digest."""
        own: Dict[str, str] = {}
        for name in self._names_there(item):
            self._meter.compare(item)
            for file in item.files:
                if file.name not in own:
                    one = self._files.digest_here(file, file.size)
                    own[file.name] = one.hexdigest()
            if self._is_same(item, name, own):
                self._meter.skip(item)
                return name, _digest_of(item, own)
        return "", ""

    def _names_there(self, item: Item) -> Iterator[str]:
        """Names of files and folders there that may be this one, by their sizes."""
        wanted = {file.name: file.size for file in item.files}
        for copy in self.copies.all():  # the same under another name
            path = PurePosixPath(copy.copied)
            about = (copy.size, copy.is_folder, path.parent)
            is_like = about == (item.size, item.is_folder, self.target.cluster)
            if is_like and not item.is_folder:
                yield path.name
        for name in self._names(item):
            there = self._files.step(functools.partial(self.target.size, name))
            if there is None:
                return
            if there < 0 and item.is_folder:
                sizes = self._files.step(functools.partial(self.target.sizes, name))
                if sizes == wanted:
                    yield name
            elif there == item.size and not item.is_folder:
                yield name

    def _is_same(self, item: Item, name: str, own: Dict[str, str]) -> bool:
        if not item.is_folder:
            return self._files.is_there(name, item.size, own[""])
        return all(
            len(self._files.are_there(name, [f.name for f in load], own)) == len(load)
            for load in loads(item.files, most=1 << 40)
        )

    def _named(self, item: Item, part: str) -> str:
        for name in self._names(item):
            try:
                self._files.step(functools.partial(self.target.rename, part, name))
                return name
            except FileExistsError:
                continue
        raise CopyStopped(tr("There is no free name for {}.").format(item.name))

    def _make(self, item: Item, part: str) -> str:
        """Bring an item there under its temporary name; its digest."""
        if not item.is_folder:
            return self._files.copy_file(item.files[0], part)
        names = [file.name for file in item.files]
        folders = [part] + ["{}/{}".format(part, one) for one in folders_of(names)]
        self._files.step(lambda: self.target.make_folders(folders))
        there = self._files.step(lambda: self.target.sizes(part))
        found: Dict[str, str] = {}
        small = [file for file in item.files if file.size < SMALL]
        for load in loads(small):
            found.update(self._files.copy_small(load, part, there))
        for file in item.files:
            if file.size >= SMALL:
                found[file.name] = self._files.copy_file(file, part + "/" + file.name)
        return _digest_of(item, found)


def _digest_of(item: Item, found: Dict[str, str]) -> str:
    """Of a file: its own; of a folder: that of the digests and names in it."""
    if not item.is_folder:
        return found[""]
    text = "".join("{} {}\n".format(found[n], n) for n in sorted(found))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
