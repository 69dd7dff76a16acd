#!/usr/bin/env python3
"""The documentation's screenshots: those of the last demos, made small, by name.

``make demo SLEAP=1.3`` and ``make demo SLEAP=1.6`` take them, ``make screenshots``
puts them here; windows that the demo does not show are rendered by themselves, and
``window_pictures.py`` has all of those.
Nothing is drawn or retouched: each is the whole screen, scaled down, with fewer
colours, or a dialog as large as it is. Needs Pillow, which comes with SLEAP.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from PIL import Image, ImageDraw

DOCS = Path(__file__).resolve().parent
VERSIONS = ("1.3", "1.6")

#: The demo's name -> the documentation's, in the order of the story.
PICTURES = (
    ("1-menu", "menu"),
    ("2-training-dialog", "training-dialog"),
    ("3-submit", "submit"),
    ("host-key", "host-key"),
    ("password", "password"),
    ("train-queued", "train-queued"),
    ("train-running", "train-running"),
    ("train-ended", "train-completed"),
    ("7-metrics", "metrics"),
    ("8-inference-dialog", "inference-dialog"),
    ("9-submit", "submit-prediction"),
    ("predict-queued", "predict-queued"),
    ("predict-running", "predict-running"),
    ("predict-ended", "predict-completed"),
    ("predictions", "predictions"),
)

#: The same for windows that are rendered by themselves, in both generations.
DIALOGS = (
    ("wizard-1-cluster", "set-up-cluster"),
    ("wizard-3-no-connection", "set-up-no-connection"),
    ("wizard-4-disks", "set-up-disks"),
    ("wizard-6-done", "set-up-done"),
    ("host-key", "ask-host-key"),
    ("password-refused", "ask-password"),
    ("password-passphrase", "ask-passphrase"),
    ("password-code", "ask-code"),
    ("check-good", "check"),
    ("check-bad", "check-failed"),
    ("dock-queued-360", "offline"),
    ("table-360", "table"),
    ("table-1200", "table-wide"),
    ("empty-no-project-360", "empty"),
    ("log", "log"),
    ("details-running-progress-360", "details-progress"),
    ("details-gpu-memory-log-360", "details-failed"),
    ("details-completed-resources-360", "details-resources"),
    ("details-completed-history-360", "details-history"),
    ("details-completed-files-360", "details-files"),
    ("settings-clusters", "settings-clusters"),
    ("settings-notices", "settings-notices"),
    ("settings-about", "settings-about"),
    ("profile-editor-wrong", "profile-editor"),
)
#: The demo takes it only where the job is slow enough to be seen running.
MAY_MISS = ("predict-running",)

WIDTH = 1120
SMALL = 320
COLUMNS = 4
MOST_BYTES = 150_000


def scaled(picture, width):
    height = round(picture.height * width / picture.width)
    return picture.convert("RGB").resize((width, height), Image.LANCZOS)


def save(picture, path):
    """As PNG with as many colours as fit into the size, else as it comes."""
    for colours in (256, 128, 64, 32):
        picture.quantize(colours, method=Image.MAXCOVERAGE, dither=Image.NONE).save(
            str(path), optimize=True
        )
        if path.stat().st_size < MOST_BYTES:
            return
    sys.exit("screenshots: {} is larger than {} bytes.".format(path, MOST_BYTES))


def contact_sheet(small, path):
    """All pictures of one demo on one page, each with its name."""
    caption = 16
    height = max(picture.height for _, picture in small) + caption
    rows = -(-len(small) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * SMALL, rows * height), "white")
    pen = ImageDraw.Draw(sheet)
    for number, (name, picture) in enumerate(small):
        left, top = number % COLUMNS * SMALL, number // COLUMNS * height
        sheet.paste(picture, (left, top + caption))
        pen.text((left + 4, top + 2), "{}. {}".format(number + 1, name), fill="black")
    save(sheet, path)


def take(source, version, target):
    """One demo's pictures; returns the names of those that it did not take."""
    small, missing = [], []
    if (source / version).is_dir():
        for old in target.glob("first-job-{}-*.png".format(version)):
            old.unlink()
    for taken, name in PICTURES:
        path = source / version / (taken + ".png")
        if not path.is_file():
            if name not in MAY_MISS:
                missing.append(str(path))
            continue
        with Image.open(str(path)) as picture:
            save(
                scaled(picture, WIDTH),
                target / "first-job-{}-{}.png".format(version, name),
            )
            small.append((name, scaled(picture, SMALL)))
    if small:
        contact_sheet(small, target / "contact-sheet-{}.png".format(version))
    print("{}: {} pictures".format(source / version, len(small)))
    return missing


def take_dialogs(source, target):
    """Pictures of windows, as large as they are; returns those that are not there."""
    missing = []
    for version in VERSIONS:
        for taken, name in DIALOGS:
            path = source / version / "100" / "light" / (taken + ".png")
            if not path.is_file():
                missing.append(str(path))
                continue
            with Image.open(str(path)) as picture:
                shown = picture.convert("RGB")
            save(shown, target / "{}-{}.png".format(name, version))
    return missing


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--source",
        type=Path,
        default=DOCS.parent / "build" / "demo",
        help="the folder with the demos' folders 1.3 and 1.6",
    )
    parser.add_argument(
        "--dialogs",
        type=Path,
        default=DOCS.parent / "build" / "screens",
        help="the folder that tests/qt/rendering.py renders into",
    )
    parser.add_argument("--target", type=Path, default=DOCS / "images")
    arguments = parser.parse_args()
    arguments.target.mkdir(parents=True, exist_ok=True)
    missing = take_dialogs(arguments.dialogs, arguments.target)
    for version in VERSIONS:
        missing += take(arguments.source, version, arguments.target)
    for path in missing:
        print("screenshots: {} is not there; run the demo.".format(path))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
