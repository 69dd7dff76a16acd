#!/usr/bin/env python3
"""Every window in every state, for the documentation, compared with the last ones.

``make screenshots`` renders them into ``build/screens/GENERATION/SCALE/LOOK``. From
there come ``docs/images/windows``: sheets of all of them, light and dark, at 100 % and
200 % (WebP without loss, a third of the PNG). ``pictures.json`` there has a
digest of each picture as it was rendered: what differs from git's is told, and shown
side by side in ``build/windows.html``. Needs Pillow, which comes with SLEAP.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import io
import json
import os
import subprocess
import sys
from pathlib import Path

from contact_sheets import pages
from PIL import Image, ImageChops

DOCS = Path(__file__).resolve().parent
GENERATIONS = ("1.3", "1.6")

#: folder of the rendering -> paper, ink, width and height of its sheets
SHEETS = {
    "100/light": ("white", "black", 1600, 2400),
    "100/dark": ("#5c6670", "white", 1600, 2400),
    "200/light": ("white", "black", 3200, 4800),
    "200/dark": ("#5c6670", "white", 3200, 4800),
}
#: Rendered and compared, but in no sheet: the audits look at large fonts.
ALSO_COMPARED = ("100/large",)
COLOURS = 256
#: What comes behind it on the page of windows is written here.
MARK = "<!-- sheets: written by docs/window_pictures.py -->"
MOST_BYTES = 22_000_000


def small(picture):
    """A picture with few colours: greys stay grey, and icons have theirs."""
    few = picture.quantize(COLOURS, method=Image.FASTOCTREE, dither=Image.NONE)
    file = io.BytesIO()
    few.convert("RGB").save(file, "WEBP", lossless=True, quality=80, method=3)
    return file.getvalue()


def opened(path):
    with Image.open(str(path)) as picture:
        return picture.convert("RGB")


def digest(picture):
    pixels = "{}x{}".format(*picture.size).encode() + picture.tobytes()
    return hashlib.sha256(pixels).hexdigest()[:16]


def rendered(source):
    """``GENERATION/SCALE/LOOK/NAME`` -> path, of all that was rendered."""
    found = {}
    for generation in GENERATIONS:
        for kind in (*SHEETS, *ALSO_COMPARED):
            folder = source / generation / kind
            for path in sorted(folder.glob("*.png"), key=_in_order):
                found["{}/{}/{}".format(generation, kind, path.stem)] = path
    return found


def _in_order(path):
    """As they were rendered: windows that belong together follow each other."""
    return path.stat().st_mtime_ns


def write(found, target):
    """The files of the documentation; returns how many bytes they have."""
    target.mkdir(parents=True, exist_ok=True)
    wanted = {target / "pictures.json"}
    for generation in GENERATIONS:
        for kind, (paper, ink, width, height) in SHEETS.items():
            start = "{}/{}/".format(generation, kind)
            pictures = [
                (key[len(start) :], opened(path))
                for key, path in found.items()
                if key.startswith(start)
            ]
            scale, look = kind.split("/")
            name = "{}-{}-{}".format(generation, look, scale)
            sheets = pages(pictures, width, height, paper, ink) if pictures else []
            for number, sheet in enumerate(sheets, 1):
                path = target / "{}-{}.webp".format(name, number)
                path.write_bytes(small(sheet))
                wanted.add(path)
    for path in target.rglob("*.*"):
        if path not in wanted and path.suffix in (".png", ".webp"):
            path.unlink()
    return sum(path.stat().st_size for path in wanted if path.exists())


def listed(target):
    """The sheets as Markdown: those at 100 % shown, the larger ones linked to."""
    lines = []
    for generation in reversed(GENERATIONS):
        for look in ("light", "dark"):
            lines += ["### SLEAP {}, {}".format(generation, look), ""]
            for scale in ("100", "200"):
                name = "{}-{}-{}-".format(generation, look, scale)
                sheets = sorted(
                    target.glob(name + "*.webp"),
                    key=lambda path: int(path.stem.rsplit("-", 1)[1]),
                )
                links = [
                    "[SLEAP {}, {}, sheet {}](images/windows/{})".format(
                        generation, look, number, path.name
                    )
                    for number, path in enumerate(sheets, 1)
                ]
                if scale == "100":
                    lines += ["!" + link for link in links]
                else:
                    lines += ["", "At 200 %: " + ", ".join(links) + ".", ""]
    return "\n".join(lines)


def write_list(text, path):
    """Put it behind the page's mark."""
    page = path.read_text(encoding="utf-8")
    head = page.partition(MARK)[0]
    path.write_text("{}{}\n\n{}".format(head, MARK, text), encoding="utf-8")


def in_git(path, top):
    """What the last commit has of a file; None for nothing."""
    if top not in path.parents:
        return None
    name = "HEAD:" + path.relative_to(top).as_posix()
    done = subprocess.run(["git", "show", name], cwd=str(top), capture_output=True)
    return done.stdout if done.returncode == 0 else None


def compare(found, now, before, last):
    """(key, what happened, picture of before or None, share that differs or None)."""
    for key in sorted(set(now) | set(before)):
        if now.get(key) == before.get(key):
            continue
        if key not in now:
            yield key, "gone", None, None
            continue
        old = _old(key, before.get(key), last)
        if key not in before:
            yield key, "new", None, None
        else:
            yield key, "changed", old, _share(old, opened(found[key]))


def _old(key, known, last):
    """The picture of before, where it was rendered here the last time."""
    path = last / (key + ".png")
    if known and path.is_file():
        picture = opened(path)
        if digest(picture) == known:
            return picture
    return None


def _share(old, new):
    if old is None or old.size != new.size:
        return None
    # Fewer colours alone make no difference that an eye would see.
    far = ImageChops.difference(old, new).convert("L").point(lambda v: 255 * (v > 24))
    return far.histogram()[255] / (new.width * new.height)


def _shown(picture, page):
    place = os.path.relpath(str(picture), str(page.parent)).replace(os.sep, "/")
    return '<img src="{}">'.format(html.escape(place))


def page(changes, found, path):
    """What differs, side by side."""
    folder = path.parent / "windows"
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for key, what, old, share in changes:
        told = what if share is None else "{}, {:.2%} of it".format(what, share)
        cells = ["-", "-"]
        if old is not None:
            copy = folder / (key.replace("/", "-") + ".png")
            old.save(str(copy))
            cells[0] = _shown(copy, path)
        if key in found:
            cells[1] = _shown(found[key], path)
        rows.append(
            "<tr><th colspan=2>{}: {}</th></tr><tr><td>{}</td><td>{}</td></tr>".format(
                html.escape(key), told, *cells
            )
        )
    path.write_text(
        "<!doctype html><meta charset=utf-8><title>Windows that differ</title>"
        "<style>td{vertical-align:top;padding:8px}img{border:1px solid #888}"
        "th{text-align:left;padding-top:24px}</style><table>"
        + ("\n".join(rows) or "<tr><td>Nothing differs.</td></tr>")
        + "</table>\n",
        encoding="utf-8",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    build = DOCS.parent / "build"
    parser.add_argument("--source", type=Path, default=build / "screens")
    parser.add_argument("--last", type=Path, default=build / "screens-before")
    parser.add_argument("--target", type=Path, default=DOCS / "images" / "windows")
    parser.add_argument("--text", type=Path, default=DOCS / "windows.md")
    parser.add_argument("--page", type=Path, default=build / "windows.html")
    arguments = parser.parse_args()
    found = rendered(arguments.source)
    if not found:
        sys.exit("windows: nothing is rendered in {}.".format(arguments.source))
    now = {key: digest(opened(path)) for key, path in found.items()}
    list_file = arguments.target / "pictures.json"
    before = json.loads(in_git(list_file, DOCS.parent) or b"{}")
    changes = list(compare(found, now, before, arguments.last))
    arguments.target.mkdir(parents=True, exist_ok=True)
    size = write(found, arguments.target)
    list_file.write_text(json.dumps(now, indent=0, sort_keys=True) + "\n")
    write_list(listed(arguments.target), arguments.text)
    page(changes, found, arguments.page)
    for key, what, _, share in changes:
        print("{:8} {}{}".format(what, key, "" if share is None else f"  {share:.2%}"))
    same = sum(now.get(key) == value for key, value in before.items())
    print(
        "windows: {} pictures, {} as in git, {} not; {:.1f} MB; see {}".format(
            len(now), same, len(changes), size / 1e6, arguments.page
        )
    )
    return 1 if size > MOST_BYTES else 0


if __name__ == "__main__":
    sys.exit(main())
