"""How long a load of predictions takes, beside SLEAP's own, in its real window.

    .venvs/sleap16/bin/python -m tests.bench.load [--frames 1000 20000 100000]

Both generations, each trial in a process of its own: a window with a project of ten
labelled frames, a predictions file of two instances on each frame, loaded twice. Ours
is what the button does, from the click to the last slice, with the preview accepted at
once. SLEAP's own is what it does after an inference: its reader and ``merge_results``.
Work is time on the processor: what it would be on a machine with nothing else to do.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = (("1.3", "sleap13"), ("1.6", "sleap16"))
CLUSTER_VIDEO = "/ceph/lab/long.mp4"
NODES = tuple("node {:02}".format(n) for n in range(13))
BEAT = 5  # milliseconds


# -- what is loaded -------------------------------------------------------------------


def make_video(path, frames):
    import cv2
    import numpy as np

    code = cv2.VideoWriter_fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(path), code, 25, (64, 64))
    image = np.zeros((64, 64, 3), np.uint8)
    for _ in range(frames):
        writer.write(image)
    writer.release()


def make_project(path, video):
    """Ten labelled frames, saved by SLEAP."""
    import numpy as np

    points = np.arange(len(NODES) * 2, dtype=float).reshape(-1, 2)
    try:
        import sleap_io as sio
    except ImportError:
        from sleap import Instance, LabeledFrame, Labels, Skeleton, Video

        skeleton = Skeleton("animal")
        skeleton.add_nodes(list(NODES))
        source = Video.from_filename(str(video), grayscale=True)
        frames = [
            LabeledFrame(
                source, n, [Instance.from_numpy(points + n, skeleton=skeleton)]
            )
            for n in range(10)
        ]
        Labels.save_file(Labels(frames), str(path))
        return
    skeleton = sio.Skeleton(nodes=list(NODES), name="animal")
    source = sio.load_video(str(video), grayscale=True)
    frames = [
        sio.LabeledFrame(
            source, n, [sio.Instance.from_numpy(points + n, skeleton=skeleton)]
        )
        for n in range(10)
    ]
    sio.Labels(frames).save(str(path), embed=False, verbose=False)


def make_predictions(path, frames):
    """A file of SLEAP's own, with its tables made longer."""
    import h5py
    import numpy as np

    sys.path.insert(0, str(ROOT / "tests" / "sleap_host"))
    from predictions import write_predictions

    write_predictions(path, [CLUSTER_VIDEO], [(0, 0)], NODES, ("a", "b"))
    count, nodes = 2 * frames, len(NODES)
    with h5py.File(str(path), "r+") as file:
        kinds = {name: file[name].dtype for name in ("frames", "instances")}
        table = np.zeros(frames, kinds["frames"])
        table["frame_id"] = table["frame_idx"] = np.arange(frames)
        table["instance_id_start"] = 2 * np.arange(frames)
        table["instance_id_end"] = 2 * np.arange(frames) + 2
        rows = np.zeros(count, kinds["instances"])
        rows["instance_id"] = np.arange(count)
        rows["instance_type"] = 1
        rows["frame_id"] = np.arange(count) // 2
        rows["track"] = np.arange(count) % 2
        rows["from_predicted"] = -1
        rows["score"] = 0.9
        rows["point_id_start"] = nodes * np.arange(count)
        rows["point_id_end"] = nodes * np.arange(count) + nodes
        points = np.zeros(count * nodes, file["pred_points"].dtype)
        points["x"] = np.random.RandomState(0).uniform(0, 64, len(points))
        points["y"] = np.random.RandomState(1).uniform(0, 64, len(points))
        points["visible"], points["score"] = True, 0.8
        for name, data in (
            ("frames", table),
            ("instances", rows),
            ("pred_points", points),
        ):
            del file[name]
            file.create_dataset(name, data=data)


# -- one trial, in a process of its own -----------------------------------------------


def trial(kind, project, predictions, times):
    """Open a window, load; tell time, stall, memory and what came of it."""
    os.environ["SLEAP_SKIP_QT_FIX"] = "1"
    os.environ["HOME"] = tempfile.mkdtemp()
    import sleap.gui.app as app
    from qtpy.QtWidgets import QApplication

    from sleap_remote_plugin.sleap_host.attach import host_class

    qapp = QApplication([])
    window = app.MainWindow(labels_path=str(project), no_usage_data=True)
    window.showMaximized()
    for _ in range(20):
        qapp.processEvents()
        time.sleep(0.02)
    host = host_class()(window)
    host.on_project_changed(host.project)  # as the dock does
    before = user_labels(host)
    load = {"ours": Ours, "sleap": Sleaps}[kind](window, host, predictions)
    for _ in range(times):
        base = peak()
        start, work = time.monotonic(), time.process_time()
        stall, longest = load()
        yield {
            "seconds": time.monotonic() - start,
            "work": time.process_time() - work,
            "stall": stall,
            "longest": longest,
            "memory": peak() - base,
            "predicted": predicted(host),
            "labels kept": user_labels(host) == before,
            "tracks": len(window.labels.tracks),
        }


def forget_peak():
    """MB that the process has now; `peak` counts from here."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS:")


def peak():
    """MB that the process had at most."""
    return _memory("VmHWM:")


def _memory(name):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0


def predicted(host):
    return sum(
        host.is_predicted(instance)
        for frame in host.labels.labeled_frames
        for instance in frame.instances
    )


def user_labels(host):
    return [
        (id(instance), instance.numpy().tobytes())
        for frame in host.labels.labeled_frames
        for instance in frame.instances
        if not host.is_predicted(instance)
    ]


class Ours:
    """What the button *Load predictions* does."""

    def __init__(self, window, host, predictions):
        from sleap_remote_plugin.qt.loading import Loading
        from sleap_remote_plugin.qt.worker import Lane
        from sleap_remote_plugin.session.predicted import PredictionFile

        video = host.video_path(host.labels.videos[0])
        one = PredictionFile(predictions, video, 0)
        session = SimpleNamespace(
            results=lambda job: SimpleNamespace(predictions=(one,))
        )
        self.job = SimpleNamespace(
            name="job", project=window.state["filename"], request={}
        )
        self.loading = Loading(
            host, SimpleNamespace(session=lambda: session), Lane("files")
        )

    def __call__(self):
        from qtpy.QtCore import QEventLoop, QTimer

        loop, beats = QEventLoop(), QTimer()
        clocks = (time.monotonic, time.thread_time)
        last, gaps = [clock() for clock in clocks], [0.0, 0.0]

        def beat():
            for place, clock in enumerate(clocks):
                now = clock()
                gaps[place] = max(gaps[place], now - last[place])
                last[place] = now
            if self.loading._dialog is not None:
                self.loading._dialog.accept()

        beats.timeout.connect(beat)
        beats.start(BEAT)
        self.loading.said.connect(loop.quit)
        last[:] = [clock() for clock in clocks]
        self.loading.load(self.job)
        loop.exec_()
        beat()
        self.loading.said.disconnect(loop.quit)
        return gaps


class Sleaps:
    """What SLEAP does when an inference of its own has ended; all of it at once."""

    def __init__(self, window, host, predictions):
        self.window = window
        self.video = host.video_path(host.labels.videos[0])
        self.path = str(predictions)

    def __call__(self):
        from sleap.gui.learning.runners import InferenceTask

        start, work = time.monotonic(), time.thread_time()
        labels = self.window.labels
        try:
            import sleap_io
        except ImportError:
            from sleap import Labels

            def find(videos):
                for video in videos:
                    video["backend"]["filename"] = self.video

            new = Labels.load_file(self.path, video_search=find, match_to=labels)
            task = InferenceTask([], labels=labels, results=list(new.labeled_frames))
            task.merge_results()
            count = len(task.results)
        else:
            new = sleap_io.load_slp(self.path, open_videos=False)
            new.replace_filenames(
                filename_map={CLUSTER_VIDEO: self.video}, open_videos=False
            )
            count = InferenceTask(
                trained_job_paths=["model"],
                labels=labels,
                labels_filename=self.window.state["filename"],
                results=list(new.labeled_frames),
                inference_params={"_prediction_mode": "replace"},
            ).merge_results()
        self.window._handle_learning_finished(count)
        return time.monotonic() - start, time.thread_time() - work


# -- all of them ----------------------------------------------------------------------


def run(python, arguments, limit):
    """A trial's lines; fewer where it took longer than the limit."""
    command = ["xvfb-run", "-a", str(python), "-m", "tests.bench.load", *arguments]
    process = subprocess.Popen(
        command,
        cwd=str(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        universal_newlines=True,
        start_new_session=True,
    )
    try:
        out, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 15)
        out, _ = process.communicate()
    marked = [line[8:] for line in out.splitlines() if line.startswith("MEASURE ")]
    return [json.loads(line) for line in marked]


def compare(generation, python, frames, limit, rounds, folder):
    """Take turns, so that a busy machine slows both; the second load once only."""
    print("\nSLEAP {}, {:,} frames x 2 instances".format(generation, frames))
    run(python, ["--make", str(folder), "--frames", str(frames)], None)
    found = {"ours": [], "sleap": []}
    for turn in range(rounds):
        times = 1 if turn else 2
        for kind, loads in found.items():
            trial = ["--trial", kind, str(folder), "--times", str(times)]
            loads.append(run(python, trial + ["--frames", str(frames)], limit))
            if len(loads[-1]) < times:
                print("  {:5} did not end within {} s".format(kind, limit))
    for place, name in enumerate(("first", "again")):
        both = {
            k: [one[place] for one in v if len(one) > place] for k, v in found.items()
        }
        for kind, loads in both.items():
            tell(kind, name, loads)
        pairs = list(zip(both["ours"], both["sleap"]))
        if pairs:
            text = "  {} load: {:.1f} times as fast, {:.1f} times less work"
            ratios = [
                median([theirs[what] / ours[what] for ours, theirs in pairs])
                for what in ("seconds", "work")
            ]
            print(text.format(name, *ratios))
    sys.stdout.flush()


def tell(kind, name, loads):
    if not loads:
        return
    print(
        "  {:5} {}: {:8.2f} s ({:.2f} s of work), longest stall {:6.0f} ms "
        "({:.0f} ms of work), {:+6.0f} MB, "
        "{:,} predictions, {} tracks, labels {}".format(
            kind, name,
            median([one["seconds"] for one in loads]),
            median([one["work"] for one in loads]),
            1000 * median([one["stall"] for one in loads]),
            1000 * median([one["longest"] for one in loads]),
            median([one["memory"] for one in loads]),
            loads[0]["predicted"], loads[0]["tracks"],
            "kept" if all(one["labels kept"] for one in loads) else "CHANGED",
        )
    )  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, nargs="+", default=[1000, 20000, 100000])
    parser.add_argument("--sleap", choices=[name for name, _ in PYTHONS])
    parser.add_argument("--limit", type=int, default=600, help="seconds for a trial")
    parser.add_argument("--rounds", type=int, default=3, help="of the first load")
    parser.add_argument("--times", type=int, default=2, help=argparse.SUPPRESS)
    parser.add_argument("--make", help=argparse.SUPPRESS)
    parser.add_argument("--trial", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.make:
        folder = Path(chosen.make)
        make_video(folder / "long.mp4", chosen.frames[0])
        make_project(folder / "labels.slp", folder / "long.mp4")
        make_predictions(folder / "p.slp", chosen.frames[0])
        return
    if chosen.trial:
        kind, folder = chosen.trial[0], Path(chosen.trial[1])
        for one in trial(kind, folder / "labels.slp", folder / "p.slp", chosen.times):
            print("MEASURE " + json.dumps(one), flush=True)
        os._exit(0)
    for generation, environment in PYTHONS:
        if chosen.sleap in (None, generation):
            python = ROOT / ".venvs" / environment / "bin" / "python"
            for frames in chosen.frames:
                with tempfile.TemporaryDirectory() as folder:
                    limits = chosen.limit, chosen.rounds
                    compare(generation, python, frames, *limits, Path(folder))


if __name__ == "__main__":
    main()
