"""Looks for secrets on disks and in processes, however they are written there.

Standard library only: it is also run by itself on the cluster's hosts, as
``python3 -c SOURCE SINCE FOLDER...``, with what to look for on its stdin.
"""

import base64
import json
import os
import stat
import sys
import threading
from urllib.parse import quote

BLOCK = 1 << 20


def spellings(secret):
    """``{name: bytes}``: how a secret may be written down."""
    plain = secret.encode("utf-8")
    found = {
        "plain": plain,
        "utf-16": secret.encode("utf-16-le"),
        "utf-16-be": secret.encode("utf-16-be"),
        "latin-1": secret.encode("latin-1"),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "url": quote(secret, safe="").encode(),
        "json": json.dumps(secret)[1:-1].encode(),
        "reversed": secret[::-1].encode("utf-8"),
        "repr": repr(plain)[2:-1].encode(),
    }
    for before in range(3):
        # What stands before it shifts base64's letters; the cut ends are left out.
        whole = base64.b64encode(b"\0" * before + plain)
        first, last = -(-before * 8 // 6), (before + len(plain)) * 8 // 6
        name = "base64+{}".format(before)
        found[name] = whole[first:last]
        found["url-" + name] = found[name].replace(b"+", b"-").replace(b"/", b"_")
    return found


def all_spellings(secrets):
    """The same for ``{what it is: secret}``."""
    return {
        "{} as {}".format(what, name): text
        for what, secret in secrets.items()
        for name, text in spellings(secret).items()
    }


def in_bytes(data, wanted):
    """Names of what is in `data`."""
    return [name for name, text in wanted.items() if text in data]


def in_file(path, wanted):
    """Names of what is in a file, its name included."""
    found = set(in_bytes(os.fsencode(path), wanted))
    overlap = max(len(text) for text in wanted.values())
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return sorted(found)  # gone meanwhile
    with os.fdopen(handle, "rb") as stream:
        tail = b""
        while True:
            data = stream.read(BLOCK)
            if not data:
                return sorted(found)
            found.update(in_bytes(tail + data, wanted))
            tail = (tail + data)[-overlap:]


def in_folders(folders, wanted, since=0.0):
    """``[(name, path)]`` in what has changed `since`, and in links and names."""
    found = []
    for folder in folders:
        for place, names, files in os.walk(folder):
            for name in names + files:
                path = os.path.join(place, name)
                found += [(one, path) for one in _in_entry(path, wanted, since)]
    return found


def _in_entry(path, wanted, since):
    try:
        about = os.lstat(path)
    except OSError:
        return []
    if stat.S_ISLNK(about.st_mode):
        return in_bytes(os.fsencode(os.readlink(path)), wanted)
    if stat.S_ISREG(about.st_mode) and about.st_ctime >= since:
        return in_file(path, wanted)
    return in_bytes(os.fsencode(path), wanted)


def in_processes(wanted):
    """``[(name, place)]`` in any process's argv and environment."""
    found = []
    for entry in os.listdir("/proc"):
        for kind in ("cmdline", "environ"):
            try:
                with open("/proc/{}/{}".format(entry, kind), "rb") as stream:
                    data = stream.read()
            except OSError:
                continue  # no process, gone, or another user's
            what = data.replace(b"\0", b" ")[:80].decode("utf-8", "replace")
            found += [(one, kind + " of " + what) for one in in_bytes(data, wanted)]
    return found


class Watch:
    """Looks at all processes again and again, while it is entered."""

    def __init__(self, wanted):
        self.wanted = wanted
        self.found = set()
        self.looks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *ignored):
        self._over.set()
        self._thread.join()

    def _look(self):
        while not self._over.is_set():
            self.found.update(in_processes(self.wanted))
            self.looks += 1
            self._over.wait(0.02)


def main(since, *folders):
    lines = sys.stdin.read().split()
    wanted = {
        bytes.fromhex(name).decode(): bytes.fromhex(text)
        for name, text in zip(lines[::2], lines[1::2])
    }
    looked_at = sum(len(files) for folder in folders for _, _, files in os.walk(folder))
    found = in_folders(folders, wanted, float(since))
    json.dump({"looked_at": looked_at, "found": found}, sys.stdout)


def as_stdin(wanted):
    """What `main` reads."""
    return "\n".join(
        "{} {}".format(name.encode().hex(), text.hex()) for name, text in wanted.items()
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
