"""``--copy-to``: what the cluster cannot see is copied first, with its progress."""

from __future__ import annotations

import argparse
import os
import sys
from typing import List, Sequence

from sleap_remote_plugin.cli.asking import asking
from sleap_remote_plugin.errors import NotOnMount
from sleap_remote_plugin.session import copying
from sleap_remote_plugin.session.room import in_words
from sleap_remote_plugin.session.session import Session
from sleap_remote_plugin.session.transfer_progress import Progress


def make_visible(
    arguments: argparse.Namespace,
    session: Session,
    project: str,
    paths: Sequence[str] = (),
) -> None:
    """Copy to the folder that was named; without one, nothing is done here.

    Parameters
    ----------
    project : str
        Whose jobs they are; its jobs' folders go there too where it is not on a mount.
    paths : sequence of str
        Videos and models.

    Raises
    ------
    CopyStopped
        What was copied is kept; the same command goes on there.
    """
    if not arguments.copy_to:
        return
    outside = [path for path in paths if not _is_seen(session, path)]
    if not outside and copying.has_home(session, project):
        return
    asking(session, session.connect)
    offer = copying.look(session, outside, project)
    folder = arguments.copy_to
    if not offer.over_ssh:
        folder = os.path.abspath(folder)
    transfer = copying.begin(session, offer, folder, _Line().show)
    try:
        transfer.run()
    except KeyboardInterrupt:
        transfer.cancel()
        print("\nWhat was copied is kept; the same command goes on.", file=sys.stderr)
        raise
    finally:
        transfer.target.end()
    if offer.items:
        print(file=sys.stderr)
    copying.settle(session, offer, folder, transfer)


def _is_seen(session: Session, path: str) -> bool:
    try:
        session.to_cluster(path)
    except NotOnMount:
        return False
    return True


class _Line:
    """One line of the terminal, written over and over."""

    def __init__(self) -> None:
        self._longest = 0

    def show(self, progress: Progress) -> None:
        parts: List[str] = [
            "{} {}".format(progress.step, progress.file),
            "file {:,} of {:,}".format(progress.number, progress.count),
            "{} of {}".format(in_words(progress.done), in_words(progress.total)),
        ]
        if progress.rate:
            parts.append(in_words(progress.rate) + "/s")
        if progress.eta is not None:
            parts.append("{:,.0f} s left".format(progress.eta))
        text = ", ".join(parts)
        self._longest = max(self._longest, len(text))
        print("\r" + text.ljust(self._longest), end="", file=sys.stderr, flush=True)
