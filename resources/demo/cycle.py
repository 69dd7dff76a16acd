"""One train-predict-load cycle in the real SLEAP window, as a user would click it.

Started by run.py, in SLEAP's own environment, with a screen and a keyring; the same
code drives SLEAP 1.3 and 1.6. The steps go to ``steps.json``, the screen to
``*.png``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, List, Tuple

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

import dialogs  # noqa: E402
import hands  # noqa: E402
import own_project  # noqa: E402
import project as demo_project  # noqa: E402
import training  # noqa: E402
from practice_cluster import settings as practice  # noqa: E402
from qtpy import QtCore, QtWidgets  # noqa: E402

from sleap_remote_plugin import launch  # noqa: E402
from sleap_remote_plugin.jobs.cluster import data_folder  # noqa: E402
from sleap_remote_plugin.jobs.job import JobKind, JobState  # noqa: E402
from sleap_remote_plugin.session.store import Store  # noqa: E402

#: Pixels that a median prediction may be off, and animals that must be found.
GOOD_PIXELS, GOOD_SHARE = 4.0, 0.8


class Cycle:
    """The steps, in order, and what they found."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.out = Path(arguments.out)
        self.stay = arguments.stay
        self.own = Path(arguments.project) if arguments.project else None
        self.cluster = practice.load(arguments.cluster, arguments.state)
        self.both = bool(arguments.then_predict)
        self.pipeline = arguments.pipeline
        self.told = arguments.tell
        self.rows: List[Tuple[str, float, bool, str]] = []
        self.truth: Any = None
        self.window: Any = None
        self.project = self._make_project()

    # -- the story ------------------------------------------------------------------

    def run(self) -> None:
        with self.step("SLEAP's window opens the project"):
            self.window = hands.wait_until("SLEAP's window", self._window, 120)
            hands.wait_until(
                "the project", lambda: self.window.state["project_loaded"], 60
            )
            hands.rest(1000)
        if self.both:
            job, then = self._submit_both()
            self._follow("training", job.uid, "train")
            self._look_at_metrics(job)
        else:
            job = self._submit_training()
            self._follow("training", job.uid, "train")
            self._look_at_metrics(job)
            then = self._submit_prediction(job)
        self._follow("prediction", then.uid, "predict")
        with self.step("predictions into the open project") as said:
            said.append(self._load(then))

    def _submit_training(self) -> Any:
        with self.step("Predict > Run on ... > Train..."):
            self._menu("remote_train", "1-menu.png")
            dialog = self._sleap_dialog()
            self._fill_training(dialog)
            hands.look(self.out / "2-training-dialog.png")
        with self.step("export, sign in, submit the training") as said:
            hands.click(hands.wait_until("our button", self._run_button, 30))
            (job,) = self._submit(JobKind.TRAIN, "3-submit.png")
            said.append("SLURM job {}".format(job.slurm_id))
        return job

    def _submit_both(self) -> Tuple[Any, Any]:
        """The training, and the prediction that follows it by itself."""
        with self.step("Predict > Run on ... > Train then predict..."):
            self._menu("remote_train_then_predict", "1-menu.png")
            dialog = self._sleap_dialog()
            self._fill_training(dialog)
            self._predict_on_whole_video(dialog)
            hands.look(self.out / "2-training-dialog.png")
        with self.step("export, sign in, submit both jobs") as said:
            hands.click(hands.wait_until("our button", self._run_button, 30))
            jobs = self._submit(JobKind.TRAIN, "3-submit.png", 2)
            said.append(" and ".join("SLURM job " + job.slurm_id for job in jobs))
        return jobs[0], jobs[1]

    def _look_at_metrics(self, job: Any) -> None:
        with self.step("metrics in SLEAP's own window"):
            self._select(job)
            hands.click_name("remote_show_metrics")
            window = hands.wait_until("the metrics window", self._metrics_window, 60)
            rows = window.table_view.model().rowCount(QtCore.QModelIndex())
            hands.look(self.out / "7-metrics.png")
            window.close()
            if rows < 1:
                raise hands.Stuck("SLEAP's metrics window shows no model")

    def _submit_prediction(self, job: Any) -> Any:
        with self.step("prediction with the new models") as said:
            self._select(job)
            hands.click_name("remote_use_models")
            dialog = self._sleap_dialog()
            self._predict_on_whole_video(dialog)
            hands.look(self.out / "8-inference-dialog.png")
            hands.click(hands.wait_until("our button", self._run_button, 30))
            (job,) = self._submit(JobKind.PREDICT, "9-submit.png")
            said.append("SLURM job {}".format(job.slurm_id))
        return job

    def _follow(self, what: str, uid: str, name: str) -> None:
        seen = set()
        with self.step("{} waits in the queue".format(what)):

            def begun() -> bool:
                job = self._job(uid)
                if job.state is JobState.QUEUED and "queued" not in seen:
                    seen.add("queued")
                    hands.look(self.out / "{}-queued.png".format(name))
                return job.state.rank >= JobState.RUNNING.rank

            hands.wait_until("the job to start", begun, 300)
        with self.step("{} runs".format(what)) as said:

            def ended() -> bool:
                texts = " ".join(hands.table_texts("remote_job_table"))
                shown = re.search(r"epoch [2-9]|frame [1-9]", texts)
                if shown and "running" not in seen:
                    seen.add("running")
                    hands.look(self.out / "{}-running.png".format(name))
                return self._job(uid).state.is_final

            hands.wait_until("the job to end", ended, 1800)
            hands.rest(500)
            hands.look(self.out / "{}-ended.png".format(name))
            job = self._job(uid)
            said.append(job.state.value)
            if job.state is not JobState.COMPLETED:
                raise hands.Stuck("the job is {}: {}".format(job.state.value, job.note))

    def _load(self, job: Any) -> str:
        before = user_labels(self.window.labels)
        self._press_load(job, "preview.png")

        def loaded() -> Any:
            notice = hands.visible("remote_notice")
            empty = notice is not None and "found no animal" in texts_of(notice)
            return predicted_instances(self.window.labels) or (empty and "none")

        found = hands.wait_until("the predictions", loaded, 60)
        hands.rest(1000)
        if found == "none" and not self.is_the_usual:
            hands.look(self.out / "predictions.png")
            return "none: so short a training did not learn this project"
        first = next(
            lf.frame_idx for lf in self.window.labels if lf.has_predicted_instances
        )
        self.window.state["frame_idx"] = int(first)
        hands.look(self.out / "predictions.png")
        if user_labels(self.window.labels) != before:
            raise hands.Stuck("the user's labels changed")
        self._press_load(job, "preview-again.png")
        hands.rest(3000)
        again = predicted_instances(self.window.labels)
        if again != found or user_labels(self.window.labels) != before:
            raise hands.Stuck("a second load changed something")
        text = "{} predicted instances; user labels bit-identical".format(found)
        if not self.is_the_usual:
            return text
        pixels, share = demo_project.median_error(self.window.labels, self.truth)
        if pixels > GOOD_PIXELS or share < GOOD_SHARE:
            raise hands.Stuck(
                "predictions are {:.1f} px off, {:.0%} found".format(pixels, share)
            )
        return text + "; {:.1f} px off, {:.0%} of animals found".format(pixels, share)

    def _press_load(self, job: Any, picture: str) -> None:
        """Load, and agree to the preview, which is left out where there is nothing."""
        self._select(job)
        hands.click_name("remote_load_predictions")

        def answered() -> Any:
            notice = hands.visible("remote_notice")
            empty = notice is not None and "found no animal" in texts_of(notice)
            return hands.visible("remote_load_accept") or (empty and "none")

        if hands.wait_until("the preview", answered, 60) != "none":
            hands.look(self.out / picture)
            hands.click_name("remote_load_accept")

    # -- what is done in a step -----------------------------------------------------

    @property
    def is_the_usual(self) -> bool:
        """Whether the demo's settings fit: its own project and pipeline."""
        return self.own is None and self.pipeline in (None, "top-down")

    def _make_project(self) -> Path:
        # A folder of its own each time: nothing of an earlier round is overwritten.
        place = Path(self.cluster.local_mount) / "demo" / time.strftime("%H%M%S")
        with self.step("a project on the mount") as said:
            if self.own is not None:
                path = own_project.copy_project(self.own, place)
            else:
                tracked = bool(self.pipeline) and self.pipeline.endswith("-id")
                made = demo_project.make_project(place, tracked=tracked)
                path, self.truth = made.project, made.truth
            said.append(str(path))
        return path

    def _menu(self, action_name: str, picture: str) -> None:
        predict = self.window._menu_actions["training"].parent()
        menu = self.window.findChild(QtWidgets.QMenu, "remote_menu")
        action = next(a for a in menu.actions() if a.objectName() == action_name)
        hands.click_menu(self.window, [predict, menu, action], self.out / picture)

    def _fill_training(self, dialog: Any) -> None:
        if self.is_the_usual:
            training.fill_dialog(dialog)
            return
        several = own_project.user_instances_a_frame(self.project) > 1
        usual = "top-down" if several else "single"
        dialogs.fill_shortly(dialog, self.pipeline or usual)

    def _predict_on_whole_video(self, dialog: Any) -> None:
        dialogs.choose_whole_video(dialog)

    def _submit(self, kind: JobKind, picture: str, count: int = 1) -> List[Any]:
        """Answer the plugin's questions until the jobs are with SLURM.

        Those of the wanted kind come first.
        """
        known = {job.uid for job in self._jobs()}

        def answered() -> Any:
            dialog = hands.visible("remote_host_key_dialog")
            if dialog is not None:
                self._trust(dialog)
            dialog = hands.visible("remote_password_dialog")
            if dialog is not None:
                self._sign_in(dialog)
            button = hands.visible("remote_submit")
            if button is not None and button.isEnabled():
                hands.look(self.out / picture)
                hands.click(button)
            message = hands.visible("remote_message")
            if message is not None:
                hands.look(self.out / "message.png")
                raise hands.Stuck("the plugin says: " + texts_of(message))
            new = [j for j in self._jobs() if j.uid not in known and j.slurm_id]
            return new if len(new) >= count else None

        jobs = hands.wait_until("the job to be submitted", answered, 240)
        jobs = sorted(jobs, key=lambda job: job.kind is not kind)
        if len(jobs) > count or jobs[0].kind is not kind:
            raise hands.Stuck("submitted: " + ", ".join(j.kind.value for j in jobs))
        return list(jobs)

    def _trust(self, dialog: Any) -> None:
        """Compare the fingerprint with the cluster's own, as a careful user does."""
        shown = texts_of(dialog)
        hands.look(self.out / "host-key.png")
        good = self.cluster.status()["fingerprints"]
        values = good.values() if isinstance(good, dict) else good
        if not any(value in shown for value in flat(values)):
            raise hands.Stuck("the fingerprint shown is not the cluster's: " + shown)
        hands.click_name("remote_trust_host")
        hands.wait_until("the question to close", lambda: hands.is_gone(dialog), 20)

    def _sign_in(self, dialog: Any) -> None:
        field = dialog.findChild(QtWidgets.QLineEdit, "remote_password")
        hands.type_into(field, self.cluster.password)
        hands.look(self.out / "password.png")
        hands.press_enter(field)
        hands.wait_until("the question to close", lambda: hands.is_gone(dialog), 20)

    # -- what there is to see -------------------------------------------------------

    @contextmanager
    def step(self, title: str) -> Iterator[List[str]]:
        start = time.monotonic()
        said: List[str] = []
        ok = False
        try:
            yield said
            ok = True
        except hands.Stuck as stuck:
            said[:] = [str(stuck)]
            raise
        finally:
            took = time.monotonic() - start
            self.rows.append((title, took, ok, "; ".join(said)))
            text = ": " + "; ".join(said) if said else ""
            self.tell(
                "{:5} {:7.1f} s  {}{}".format("ok" if ok else "FAIL", took, title, text)
            )
            (self.out / "steps.json").write_text(json.dumps(self.rows))
            if not ok and QtWidgets.QApplication.instance() is not None:
                hands.look(self.out / "failed.png")

    def tell(self, text: str) -> None:
        os.write(self.told, (text + "\n").encode("utf-8"))

    def _window(self) -> Any:
        for widget in QtWidgets.QApplication.topLevelWidgets():
            if type(widget).__name__ == "MainWindow" and widget.isVisible():
                return widget
        return None

    def _sleap_dialog(self) -> Any:
        def look() -> Any:
            for widget in QtWidgets.QApplication.topLevelWidgets():
                if type(widget).__name__ == "LearningDialog" and widget.isVisible():
                    return widget
            return None

        dialog = hands.wait_until("SLEAP's dialog", look, 60)
        hands.rest(500)
        return dialog

    def _run_button(self) -> Any:
        return hands.visible("remote_run_button")

    def _metrics_window(self) -> Any:
        for widget in QtWidgets.QApplication.topLevelWidgets():
            if type(widget).__name__ == "MetricsTableDialog" and widget.isVisible():
                return widget
        return None

    def _select(self, job: Any) -> None:
        dock = self.window.findChild(QtWidgets.QDockWidget, "remote_dock")
        dock.show()
        dock.raise_()
        hands.rest(200)
        hands.select_row("remote_job_table", job.name)

    def _jobs(self) -> Any:
        return Store(data_folder() / "jobs.sqlite").jobs()

    def _job(self, uid: str) -> Any:
        return next(job for job in self._jobs() if job.uid == uid)


def texts_of(widget: Any) -> str:
    """Every text that a dialog shows."""
    labels = widget.findChildren(QtWidgets.QLabel)
    fields = widget.findChildren(QtWidgets.QLineEdit)
    return " ".join([w.text() for w in labels] + [w.text() for w in fields])


def flat(values: Any) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        else:
            for inner in flat(value.values() if isinstance(value, dict) else value):
                yield inner


def user_labels(labels: Any) -> List[Any]:
    """Every user instance, to the last bit: video, frame, track, node, x, y."""
    found = []
    for frame in labels:
        for instance in frame.user_instances:
            points = instance.numpy()
            found.append(
                (
                    labels.videos.index(frame.video),
                    int(frame.frame_idx),
                    instance.track.name if instance.track else "",
                    points.tobytes(),
                )
            )
    return sorted(found)


def predicted_instances(labels: Any) -> int:
    return sum(len(frame.predicted_instances) for frame in labels)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--cluster", required=True)
    parser.add_argument("--state", required=True)
    parser.add_argument("--project")
    parser.add_argument("--pipeline")
    parser.add_argument("--then-predict", action="store_true")
    parser.add_argument("--tell", type=int, default=1, help="where the steps go (fd)")
    parser.add_argument("--stay", action="store_true")
    arguments = parser.parse_args()
    cycle = Cycle(arguments)
    code = [1]

    def play() -> None:
        try:
            cycle.run()
            code[0] = 0
        except Exception:
            traceback.print_exc()
        if cycle.stay and code[0] == 0:
            cycle.tell(
                "SLEAP stays open: scroll through the predictions, correct some, save, "
                "and train once more. Close it when you have seen enough; then "
                "`resources/practice_cluster/practice-cluster down` ends the cluster."
            )
            return
        cycle.window.state["has_changes"] = False
        QtWidgets.QApplication.exit(code[0])

    import sleap.gui.app as app

    show = app.MainWindow.showMaximized

    def show_and_play(window: Any) -> None:
        show(window)
        QtCore.QTimer.singleShot(0, play)

    app.MainWindow.showMaximized = show_and_play
    launch.main([str(cycle.project), "--no-usage-data"])
    return code[0]


if __name__ == "__main__":
    sys.exit(main())
