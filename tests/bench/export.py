"""How long an export takes, beside SLEAP's own export, zip and unzip, to the same disk.

Real windows of the SLEAP of this environment; the disk is a FUSE mount (bindfs, as the
practice cluster's disk), where there is one. Each way runs in a process of its own, in
turns. Not a test: nothing is asserted but that both packages hold the same frames.

``python -m tests.bench.export [--frames 10,200,2000] [--rounds 1]``
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "resources"))

SIZE = 1024
#: Labelled frames of one video; more are of further videos.
PER_VIDEO = 250
BEAT = 5  # ms


# -- the project -------------------------------------------------------------------


def make_video(path: Path, frames: int) -> None:
    """An arena with two animals: a lit floor, its grain, a camera's noise."""
    import cv2
    import numpy as np

    random = np.random.RandomState(1)
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    floor = 150 - ((x - SIZE / 2) ** 2 + (y - SIZE / 2) ** 2) / SIZE / 10
    floor = floor + random.normal(0, 6, (SIZE, SIZE))
    noise = [random.normal(0, 3, (SIZE, SIZE)) for _ in range(8)]
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter_fourcc(*"mp4v"), 25, (SIZE, SIZE)
    )
    for number in range(frames):
        picture = np.clip(floor + noise[number % 8], 0, 255).astype("uint8")
        for animal in range(2):
            cv2.ellipse(picture, animal_at(number, animal), (40, 16), 0, 0, 360, 30, -1)
        writer.write(cv2.merge([picture] * 3))
    writer.release()


def animal_at(frame: int, animal: int) -> tuple:
    return 100 + frame * 3 % 800, 300 + 400 * animal


def make_project(folder: Path, video: Path, frames: int) -> Path:
    """A project with so many labelled frames, of as many videos as are needed."""
    videos = []
    for number in range(-(-frames // PER_VIDEO)):
        videos.append(folder / "video{}.mp4".format(number))
        shutil.copyfile(str(video), str(videos[-1]))
    places = [(n // PER_VIDEO, n % PER_VIDEO) for n in range(frames)]
    path = folder / "labels.v001.slp"
    try:
        import sleap_io  # noqa: F401
    except ImportError:
        _legacy_project(path, videos, places)
    else:
        _current_project(path, videos, places)
    return path


def _points(frame: int, animal: int) -> Any:
    import numpy as np

    x, y = animal_at(frame, animal)
    return np.array([[x + 40.0, y], [x, y], [x - 40.0, y]])


def _legacy_project(path: Path, files: List[Path], places: List[tuple]) -> None:
    from sleap import Instance, LabeledFrame, Labels, Skeleton, Video

    skeleton = Skeleton("animal")
    for node in ("head", "thorax", "abdomen"):
        skeleton.add_node(node)
    videos = [Video.from_filename(str(file), grayscale=True) for file in files]
    frames = [
        LabeledFrame(
            video=videos[video],
            frame_idx=frame,
            instances=[
                Instance.from_numpy(_points(frame, animal), skeleton)
                for animal in range(2)
            ],
        )
        for video, frame in places
    ]
    Labels.save_file(Labels(frames, videos=videos, skeletons=[skeleton]), str(path))


def _current_project(path: Path, files: List[Path], places: List[tuple]) -> None:
    import sleap_io

    skeleton = sleap_io.Skeleton(["head", "thorax", "abdomen"], name="animal")
    videos = [sleap_io.load_video(str(file), grayscale=True) for file in files]
    frames = [
        sleap_io.LabeledFrame(
            video=videos[video],
            frame_idx=frame,
            instances=[
                sleap_io.Instance.from_numpy(_points(frame, animal), skeleton)
                for animal in range(2)
            ],
        )
        for video, frame in places
    ]
    labels = sleap_io.Labels(frames, videos=videos, skeletons=[skeleton])
    labels.save(str(path), embed=False, verbose=False)


# -- one export, in a process of its own -------------------------------------------


class Heartbeat:
    """The longest time that the window did nothing."""

    def __init__(self) -> None:
        from qtpy.QtCore import Qt, QTimer

        self.longest = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, now - self._last - BEAT / 1000)
        self._last = now


def open_dialog(project: Path) -> Any:
    import sleap.gui.app as app
    from demo.training import fill_dialog
    from qtpy.QtWidgets import QApplication

    from sleap_remote_plugin.sleap_host import attach

    application = QApplication.instance() or QApplication([])
    window = app.MainWindow(labels_path=str(project), no_usage_data=True)
    window.show()
    host = attach.host_class()(window)
    dialog = host.open_dialog("training")
    host.report_dialog("training")
    fill_dialog(dialog)
    return application, host, dialog


def live(application: Any, seconds: float) -> None:
    """What was begun in the background while the dialog was filled in is done."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        application.processEvents()
        time.sleep(0.002)
    with contextlib.suppress(ImportError):
        import sleap_nn.config.training_job_config  # noqa: F401


def ours(application: Any, host: Any, dialog: Any, target: Path) -> float:
    """From the click to the package in its place; gives the longest stall."""
    from sleap_remote_plugin.qt.exporting import Export
    from sleap_remote_plugin.qt.worker import Lane

    beat = Heartbeat()
    failed: List[BaseException] = []
    project = str(host.window.state["filename"])
    export = Export(
        host,
        Lane("files"),
        host.read_configs(dialog),
        "labels.v001.pkg.slp",
        project,
        lambda: target,
    )

    def fail(error: BaseException) -> None:  # (PySide2 hashes what it calls)
        failed.append(error)
        application.quit()

    export.done.connect(lambda package: application.quit())
    export.failed.connect(fail)
    export.start()
    application.exec_()
    if failed:
        raise failed[0]
    return beat.longest


def sleaps(application: Any, host: Any, dialog: Any, target: Path) -> float:
    """SLEAP's own zip onto the disk, then unzipped there, as its how-tos say."""
    start = time.perf_counter()
    archive = target.with_suffix(".zip")
    dialog.export_package(output_path=str(archive), gui=False)
    stall = time.perf_counter() - start
    with zipfile.ZipFile(str(archive)) as file:
        file.extractall(str(target))
    return stall


WAYS: Dict[str, Callable[..., float]] = {"ours": ours, "SLEAP": sleaps}


def memory(field: str) -> int:
    with open("/proc/self/status") as file:
        lines = dict(line.split(":", 1) for line in file)
    return int(lines[field].split()[0]) * 1024


def child(way: str, project: Path, target: Path) -> None:
    application, host, dialog = open_dialog(project)
    live(application, 4.0)
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    start = time.perf_counter()
    stall = WAYS[way](application, host, dialog, target)
    found = {
        "seconds": time.perf_counter() - start,
        "stall": stall,
        "memory": memory("VmHWM") - before,
        "size": sum(path.stat().st_size for path in target.iterdir()),
        "frames": frames_in(target / "labels.v001.pkg.slp"),
    }
    print("\nRESULT " + json.dumps(found), flush=True)
    os._exit(0)


def frames_in(package: Path) -> int:
    import h5py

    with h5py.File(str(package), "r") as file:
        return int(file["frames"].shape[0])


# -- the table ---------------------------------------------------------------------


def run(way: str, project: Path, target: Path, home: Path) -> Dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.export", "--child", way]
    command += ["--project", str(project), "--target", str(target)]
    if not os.environ.get("DISPLAY"):
        command = ["xvfb-run", "-a", *command]
    environment = dict(os.environ, HOME=str(home), SLEAP_SKIP_QT_FIX="1")
    done = subprocess.run(
        command,
        env=environment,
        universal_newlines=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    found = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not found:
        raise RuntimeError(done.stdout[-3000:])
    return json.loads(found[0][7:])


@contextlib.contextmanager
def mounted(folder: Path) -> Iterator[Path]:
    """A FUSE mount of a folder; the folder itself where there is no bindfs."""
    disk, mount = folder / "disk", folder / "mount"
    disk.mkdir()
    mount.mkdir()
    if shutil.which("bindfs") is None:
        print("No bindfs here: straight onto this machine's disk.")
        yield disk
        return
    subprocess.run(["bindfs", str(disk), str(mount)], check=True)
    try:
        yield mount
    finally:
        subprocess.run(["fusermount", "-u", str(mount)], check=False)


def measure(frames: int, video: Path, place: Path, home: Path, rounds: int) -> str:
    with tempfile.TemporaryDirectory(dir=str(place)) as name:
        folder = Path(name)
        project = make_project(folder, video, frames)
        found: Dict[str, List[Dict[str, float]]] = {way: [] for way in WAYS}
        for number in range(rounds):
            for way in sorted(WAYS, reverse=number % 2 == 1):
                target = folder / "{}.{}".format(way, number)
                found[way].append(run(way, project, target, home))
                assert found[way][-1]["frames"] == frames
                shutil.rmtree(str(target))
                target.with_suffix(".zip").unlink() if way == "SLEAP" else None
    mine, theirs = found["ours"], found["SLEAP"]
    ratios = [a["seconds"] / b["seconds"] for a, b in zip(mine, theirs)]
    return row(frames, middle(mine), middle(theirs), statistics.median(ratios))


def middle(found: List[Dict[str, float]]) -> Dict[str, float]:
    return {key: statistics.median(each[key] for each in found) for key in found[0]}


def row(frames: int, mine: Dict[str, float], theirs: Dict[str, float], r: float) -> str:
    return (
        "| {:,} | {:.0f} MB | {:.2f} s | {:.2f} s | **{:.2f}** | {:.0f} ms | {:.0f} ms "
        "| {:.0f} MB | {:.0f} MB |".format(
            frames,
            mine["size"] / 1e6,
            mine["seconds"],
            theirs["seconds"],
            r,
            1000 * mine["stall"],
            1000 * theirs["stall"],
            mine["memory"] / 1e6,
            theirs["memory"] / 1e6,
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--frames", default="10,200,2000")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--child")
    parser.add_argument("--project", type=Path)
    parser.add_argument("--target", type=Path)
    asked = parser.parse_args()
    if asked.child:
        child(asked.child, asked.project, asked.target)
        return
    with tempfile.TemporaryDirectory(prefix="bench-export-") as name:
        folder = Path(name)
        (folder / "home").mkdir()
        make_video(folder / "video.mp4", PER_VIDEO)
        print("Python {}.{}, SLEAP of {}".format(*sys.version_info[:2], sys.prefix))
        print(
            "| frames | package | ours | SLEAP | ratio | our longest stall | SLEAP's "
            "| our memory | SLEAP's |"
        )
        with mounted(folder) as place:
            for frames in [int(text) for text in asked.frames.split(",")]:
                line = measure(
                    frames,
                    folder / "video.mp4",
                    place,
                    folder / "home",
                    asked.rounds,
                )
                print(line, flush=True)


if __name__ == "__main__":
    main()
