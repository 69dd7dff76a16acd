"""Names of files: what a system cannot hold, and what is too long for a disk.

Text only. Which folder a name is in, and how that is spelled, is paths.py's.
"""

from __future__ import annotations

import hashlib
import re

from sleap_remote_plugin.words import tr

#: As long as a name may be on the disks of Linux, in bytes of UTF-8.
MOST_BYTES = 255

_DEVICES = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[1-9\u00b9\u00b2\u00b3])\s*(\..*)?$",
    re.IGNORECASE | re.DOTALL,
)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')


def windows_refuses(name: str) -> str:
    """Why Windows cannot hold a name, as the end of “..., because”; empty: it can.

    It would refuse the name, or, worse, take it for another one.
    """
    if not name.strip(" ."):
        return tr("it is dots or spaces only")
    if name.endswith("."):
        return tr("it ends with a dot")
    if name.endswith(" "):
        return tr("it ends with a space")
    found = _FORBIDDEN.search(name)
    if found:
        return tr("it contains the character {}").format(found.group())
    if any(ord(letter) < 32 for letter in name):
        return tr("it contains a line break or another control character")
    if _DEVICES.match(name):
        return tr("{} is a device there").format(re.split(r"[\s.]", name)[0].upper())
    return ""


def no_script_holds(path: str) -> str:
    """Why no batch script can hold a path, as the end of “..., because”; empty: it can.

    slurm/script.py refuses the same, at its end; this is asked before anything is
    written.
    """
    if any(ord(letter) < 32 or letter in "\x7f\x85\u2028\u2029" for letter in path):
        return tr("it contains a line break or another control character")
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return tr("it contains characters that are not Unicode")
    return ""


def fitted(stem: str, ending: str = "", spare: int = 0) -> str:
    """Return `stem` + `ending`, the stem shortened where a disk could not hold it.

    A shortened stem ends with ``~`` and eight digits that are made of the whole one:
    the same name is always shortened to the same, two names to two.

    Parameters
    ----------
    spare : int
        Bytes to be left free, for what is put before or behind the name later.
    """
    room = MOST_BYTES - spare - len(_bytes(ending))
    whole = _bytes(stem)
    if len(whole) <= room:
        return stem + ending
    mark = "~" + hashlib.sha256(whole).hexdigest()[:8]
    kept = whole[: max(0, room - len(mark))].decode("utf-8", "ignore")
    return kept.rstrip(" .") + mark + ending


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape" if _is_escaped(text) else "replace")


def _is_escaped(text: str) -> bool:
    return any("\udc80" <= letter <= "\udcff" for letter in text)
