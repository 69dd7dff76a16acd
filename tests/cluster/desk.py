"""A user at the real SLEAP window: opens it, clicks, reads what it says."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from demo import hands
from demo.dialogs import fill_shortly
from qtpy import QtCore, QtWidgets

from sleap_remote_plugin.jobs.cluster import config_folder
from sleap_remote_plugin.sleap_host.attach import controller_of
from tests.sleap_window import put_away


@contextlib.contextmanager
def home_of_a_user(home, profile):
    """A home with this text as its only cluster profile, and no keyring or agent."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            patch.delenv(name, raising=False)
        for name in ("SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS"):
            patch.delenv(name, raising=False)
        clusters = config_folder() / "clusters"
        clusters.mkdir(parents=True)
        (clusters / "practice.yaml").write_text(profile, "utf-8")
        yield home


class Windows:
    """Opens SLEAP windows with the real plugin in them; closed without a question."""

    def __init__(self, app_module, practice, fingerprints):
        self._app = app_module
        self._facts = (practice, fingerprints)
        self._windows = []

    def __call__(self, project=None):
        window = self._app.MainWindow(
            labels_path=str(project) if project else None, no_usage_data=True
        )
        window.showMaximized()
        self._windows.append(window)
        hands.wait_until("the window", window.isVisible, 60)
        return Desk(window, *self._facts)

    def close(self, window):
        self._windows.remove(window)
        put_away(window)
        hands.rest(50)

    def close_all(self):
        for window in list(self._windows):
            self.close(window)


class Desk:
    """One SLEAP window, and what a user does and sees in it."""

    def __init__(self, window, practice, fingerprints):
        self.window = window
        self.practice = practice
        self.fingerprints = fingerprints
        self.controller = controller_of(window)

    # -- looking ---------------------------------------------------------------------

    def text_of(self, name):
        """What a label, button or text field of that name shows; empty if hidden."""
        widget = hands.visible(name)
        if widget is None:
            return ""
        if isinstance(widget, QtWidgets.QPlainTextEdit):
            return widget.toPlainText()
        if hasattr(widget, "label"):  # a line of the dock: text and button
            return as_read(widget.label.text())
        return as_read(widget.text())

    def wait_for_text(self, name, words, seconds=30):
        what = "{!r} in {}".format(words, name)
        try:
            hands.wait_until(what, lambda: words in self.text_of(name), seconds)
        except hands.Stuck as stuck:
            raise hands.Stuck("{}: {!r}".format(stuck, self.text_of(name))) from stuck
        return self.text_of(name)

    @staticmethod
    def texts_of(widget):
        """Every text that a dialog shows."""
        labels = widget.findChildren(QtWidgets.QLabel)
        return as_read(" ".join(label.text() for label in labels))

    def message(self, seconds=60):
        """The sentence of the message box that comes; it is read and closed."""
        box = hands.wait_until(
            "a message", lambda: hands.visible("remote_message"), seconds
        )
        text = box.text()
        assert "Traceback" not in text + box.detailedText(), box.detailedText()
        hands.click(box.button(QtWidgets.QMessageBox.StandardButton.Ok))
        hands.wait_until("the message to close", lambda: hands.is_gone(box), 10)
        return text

    def is_alive(self):
        """Whether the window's event loop goes round."""
        ticks = []
        timer = QtCore.QTimer()
        timer.timeout.connect(lambda: ticks.append(1))
        timer.start(10)
        hands.wait_until("a timer to tick", lambda: len(ticks) > 4, 10)
        timer.stop()
        return self.window.isVisible()

    def user_labels(self):
        """Every user instance to the last bit: video, frame, track, points."""
        labels = self.window.labels
        return sorted(
            (
                labels.videos.index(frame.video),
                int(frame.frame_idx),
                instance.track.name if instance.track else "",
                instance.numpy().tobytes(),
            )
            for frame in labels
            for instance in frame.user_instances
        )

    def predictions(self):
        return sum(len(frame.predicted_instances) for frame in self.window.labels)

    # -- clicking --------------------------------------------------------------------

    def choose(self, name):
        """Predict > Run on ... > the entry of that name."""
        menu, action = self.entry(name)
        predict = self.window._menu_actions["training"].parent()
        hands.click_menu(self.window, [predict, menu, action])

    def entry(self, name):
        menu = self.window.findChild(QtWidgets.QMenu, "remote_menu")
        (action,) = [one for one in menu.actions() if one.objectName() == name]
        return menu, action

    def show_dock(self):
        self.choose("remote_jobs")
        hands.wait_until("the dock", lambda: hands.visible("remote_refresh"), 10)

    def training_dialog(self):
        """SLEAP's own, opened from our menu and set to a short training."""
        self.choose("remote_train")
        dialog = self.sleap_dialog()
        fill_shortly(dialog, "top-down")
        return dialog

    def sleap_dialog(self):
        """SLEAP's own dialog for training or inference, once it is open."""
        return hands.wait_until("SLEAP's dialog", self._sleap_dialog, 60)

    def _sleap_dialog(self):
        for widget in QtWidgets.QApplication.topLevelWidgets():
            if type(widget).__name__ == "LearningDialog" and widget.isVisible():
                return widget
        return None

    def press_run(self):
        hands.click_name("remote_run_button")

    def submit_dialog(self):
        """As far as the submit dialog, its button enabled."""
        self.training_dialog()
        self.press_run()
        dialog = hands.wait_until(
            "the submit dialog", lambda: hands.visible("remote_submit_dialog"), 60
        )
        hands.wait_until(
            "the submit button",
            lambda: hands.visible("remote_submit").isEnabled(),
            30,
        )
        return dialog

    def sign_in(self, password=None, done=lambda: False):
        """Answer questions until `done`; an unknown host is compared first."""

        def answered():
            if done():
                return True
            dialog = hands.visible("remote_host_key_dialog")
            if dialog is not None:
                assert dialog.error.fingerprint in self.fingerprints
                hands.click(hands.visible("remote_trust_host"))
                hands.wait_until("it to close", lambda: hands.is_gone(dialog), 20)
            dialog = hands.visible("remote_password_dialog")
            if dialog is not None:
                self.type_password(password or self.practice.password)
            return False

        hands.wait_until("the sign-in", answered, 60)

    def type_password(self, password):
        dialog = hands.visible("remote_password_dialog")
        field = dialog.findChild(QtWidgets.QLineEdit, "remote_password")
        hands.type_into(field, password)
        hands.press_enter(field)
        hands.wait_until("it to close", lambda: hands.is_gone(dialog), 20)

    def jobs(self):
        """What the table shows of jobs that the list has."""
        return self.controller._jobs

    def submit(self):
        """Submit what the dialog asks for; the job, once SLURM has it."""
        known = {job.uid for job in self.jobs()}
        hands.click_name("remote_submit")

        def new():
            assert hands.visible("remote_message") is None, self.message()
            found = [job for job in self.jobs() if job.uid not in known]
            return [job for job in found if job.slurm_id]

        (job,) = hands.wait_until("the job", new, 90)
        return job

    def ended(self, job):
        """The job when the dock shows that it has ended; *Refresh* is pressed."""

        def found():
            (now,) = [one for one in self.jobs() if one.uid == job.uid]
            if not now.state.is_final:
                hands.click_name("remote_refresh")
                hands.rest(300)
            return now if now.state.is_final else None

        return hands.wait_until("the job to end", found, 120)

    def log_of(self, job):
        return self.controller.connection.session().log_tail(job)

    def is_connected(self):
        return "connected as" in self.text_of("remote_connection")

    def connect(self):
        """The dock's *Connect*."""
        self.show_dock()
        if not self.is_connected():
            hands.click_name("remote_sign_in")
            self.sign_in(done=self.is_connected)

    def start_anew(self):
        """As after a restart: not connected, no password known, nothing open."""
        for dialog in list(self.window._child_windows.values()):
            dialog.close()
        self.controller.use(self.controller.profile)
        self.show_dock()

    def select(self, job):
        hands.wait_until(
            "the job's row",
            lambda: any(job.name in t for t in hands.table_texts("remote_job_table")),
            30,
        )
        hands.select_row("remote_job_table", job.name)


def files_of(folder):
    """Every file and folder below one, with its size: nothing may be left there."""
    return sorted(
        (str(path.relative_to(folder)), path.stat().st_size if path.is_file() else -1)
        for path in Path(folder).rglob("*")
    )


def as_read(text):
    """Without the places where a long word may break, which nobody sees."""
    return text.replace("\u200b", "")
