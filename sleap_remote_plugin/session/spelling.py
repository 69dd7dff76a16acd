"""Files that the cluster has under another spelling: letter case, or accents.

A share may open `Lab` where the disk has `lab`, and macOS may write an accent as a
character of its own: on this computer the name is right, and the cluster finds nothing.
Looked at only where it did not find something.
"""

from __future__ import annotations

import posixpath
import unicodedata
from typing import Iterable, List, NamedTuple, Optional, Sequence

from sleap_remote_plugin.errors import MountNotProven
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

#: How far each path is there; of the first part that is not: what is there instead.
_WALK = """
for path; do
  place= rest=${path#/}
  while [ -n "$rest" ]; do
    part=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    [ -n "$part" ] || continue
    if [ -e "$place/$part" ]; then place=$place/$part; continue; fi
    printf "%s\\0%s\\0" "${place:-/}" "$part"
    find "${place:-/}" -mindepth 1 -maxdepth 1 -printf "%f\\0" 2>/dev/null |
      head -c 200000
    printf "\\0"
    break
  done
done
"""
_CASE, _ACCENTS = tr("in letter case"), tr("in how accents are written")
#: So many paths are looked at.
_MOST = 100


class Otherwise(NamedTuple):
    """A name that the cluster has in another spelling.

    Attributes
    ----------
    folder, name : str
        As they were looked for, as the cluster spells the folder.
    there : str
        What it is called there.
    """

    folder: str
    name: str
    there: str

    @property
    def difference(self) -> str:
        same_accents = _composed(self.name) == _composed(self.there)
        if same_accents:
            return _ACCENTS
        if self.name.casefold() == self.there.casefold():
            return _CASE
        return tr("{} and {}").format(_CASE, _ACCENTS)

    def error(self) -> MountNotProven:
        return MountNotProven(
            tr(
                "{} is called “{}” on the cluster: the names differ {}, which this "
                "computer's share does not tell apart and the cluster does. Nothing "
                "was submitted. Rename it there or here so that both are the same "
                "(small letters without accents are safe), open the project again, "
                "then try again."
            ).format(
                posixpath.join(self.folder, self.name), self.there, self.difference
            ),
            detail=tr("looked for {}\nthere is {}").format(
                ascii(self.name), ascii(self.there)
            ),
        )


def find_otherwise(paths: Sequence[str], transport: Transport) -> Optional[Otherwise]:
    """The first of these paths (the cluster's) that is there in another spelling.

    None: all are there, or are not there at all.
    """
    argv = ["sh", "-c", _WALK, "sh"] + list(paths)[:_MOST]
    return read_walk(transport.run(argv, login_shell=False).stdout)


def read_walk(printed: str) -> Optional[Otherwise]:
    """What the cluster said of paths that are not there."""
    for missing in printed.split("\0\0"):
        folder, _, rest = missing.strip("\0").partition("\0")
        name, _, names = rest.partition("\0")
        there = alike(name, names.split("\0"))
        if there:
            return Otherwise(folder, name, there)
    return None


def alike(name: str, names: Iterable[str]) -> str:
    """The one of these that differs in letter case or accents' writing only.

    Empty where there is none, or the name itself is among them.
    """
    listed: List[str] = list(names)
    if not name or name in listed:
        return ""
    return next((one for one in listed if _plain(one) == _plain(name)), "")


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _plain(text: str) -> str:
    return _composed(_composed(text).casefold())
