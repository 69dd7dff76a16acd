"""How much still fits into a folder of the cluster's: its disk's room, the quotas.

What is asked runs on the cluster; nothing is written.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional

from sleap_remote_plugin.errors import NoRoom
from sleap_remote_plugin.ssh.transport import Transport
from sleap_remote_plugin.words import tr

#: A folder that is not there yet is made in the one above it.
_LOOK = r"""
d=$1
while [ ! -d "$d" ] && [ "$d" != / ] && [ "$d" != . ]; do d=$(dirname -- "$d"); done
df -Pk -- "$d" | tail -n 1 | sed 's/^/=df /'
if [ -w "$d" ]; then echo '=writable'; fi
quota -w 2>/dev/null | sed 's/^/=quota /'
p=$d
while command -v getfattr >/dev/null 2>&1; do
  m=$(getfattr --only-values -n ceph.quota.max_bytes -- "$p" 2>/dev/null)
  if [ "${m:-0}" != 0 ]; then
    echo "=ceph $m $(getfattr --only-values -n ceph.dir.rbytes -- "$p" 2>/dev/null)"
  fi
  [ "$p" = / ] && break
  p=$(dirname -- "$p")
done
exit 0
"""


class Room(NamedTuple):
    """Bytes that fit, None where that is not known; and what sets the limit."""

    free: Optional[int]
    limit: str = ""
    is_writable: bool = True


def look_for_room(transport: Transport, folder: str) -> Room:
    """Ask the cluster. Raises as transport.run() does."""
    result = transport.run(["sh", "-c", _LOOK, "sh", folder], login_shell=False)
    return read_room(result.stdout)


def read_room(text: str) -> Room:
    """What the cluster said; lines that are not understood count as not said."""
    limits: List[Room] = []
    disk = ""
    for line in text.splitlines():
        df = re.match(r"=df (.+?)\s+\d+\s+\d+\s+(\d+)\s+\d+%?\s+/", line)
        if df:
            disk = df.group(1)
            limits.append(Room(int(df.group(2)) * 1024, tr("the disk's room")))
        quota = re.match(r"=quota \s*(\S+)\s+(\d+)\*?\s+(\d+)\s+(\d+)", line)
        if quota and quota.group(1) == disk:
            used, soft, hard = (int(quota.group(n)) * 1024 for n in (2, 3, 4))
            if hard or soft:
                left = max(0, (hard or soft) - used)
                limits.append(Room(left, tr("your quota")))
        ceph = re.match(r"=ceph (\d+) (\d+)$", line)
        if ceph:
            left = max(0, int(ceph.group(1)) - int(ceph.group(2)))
            limits.append(Room(left, tr("the folder's quota")))
    tightest = min(limits, key=lambda room: room.free or 0) if limits else Room(None)
    return tightest._replace(is_writable="=writable" in text.splitlines())


def check_room(room: Room, needed: int, folder: str) -> None:
    """Raise NoRoom where it does not fit; what is not known counts as fitting."""
    if not room.is_writable:
        raise NoRoom(
            tr(
                "You may not write to {}. Nothing was copied. Choose a folder of your "
                "own, or ask its owner for write permission."
            ).format(folder)
        )
    if room.free is not None and room.free < needed:
        raise NoRoom(
            tr(
                "{} are to be copied to {}, and only {} fit ({}). Nothing more was "
                "copied. Make room there, or choose another folder."
            ).format(in_words(needed), folder, in_words(room.free), room.limit)
        )


def in_words(count: float) -> str:
    """``1.2 GB``, by thousands."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return "{:.3g} {}".format(count, unit)
        count /= 1000.0
    return "{:,.3g} TB".format(count)
