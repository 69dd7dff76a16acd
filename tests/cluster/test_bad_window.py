"""Bad days at the window: it goes on ticking, says a sentence, and recovers by itself.

The real `Connection` of the dock with its network lane, a real session, real dialogs;
no SLEAP. While a call is under way the window's own timer must go on: a window that
waits for the network would not let it.
"""

from __future__ import annotations

import pytest
from qtpy import QtCore, QtWidgets

from sleap_remote_plugin.errors import ConnectionFailed
from sleap_remote_plugin.qt.connection import Connection
from sleap_remote_plugin.qt.dialogs.password import PasswordDialog
from sleap_remote_plugin.qt.worker import Lane
from tests.cluster.bad_days import Laptop, assert_sentence

pytestmark = pytest.mark.cluster

SHORT = {"quiet": 1.0, "probe": 1.0, "channel": 1.0, "connect": 2.0, "handshake": 2.0}
SOON = 60000


class Heart(QtCore.QObject):
    """Counts how often the window's event loop came round."""

    def __init__(self, parent):
        super().__init__(parent)
        self.beats = 0
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self._on_beat)
        self._timer.start(20)

    def _on_beat(self):
        self.beats += 1


class Window:
    """The dock's connection to a laptop's session, and what it says."""

    def __init__(self, qtbot, laptop):
        self.qtbot = qtbot
        self.laptop = laptop
        self.widget = QtWidgets.QWidget()
        qtbot.addWidget(self.widget)
        self.widget.show()
        self.lane = Lane("network", self.widget)
        self.connection = Connection(
            laptop.session.profile,
            self.lane,
            self.widget,
            open_it=lambda profile: laptop.session,
            parent=self.widget,
        )
        self.line = ""
        self.answers, self.errors = [], []
        self.connection.changed.connect(self._on_changed)
        self.heart = Heart(self.widget)

    def _on_changed(self, sign, text, can_connect):
        self.line = text

    def ask(self, argv=("whoami",), ask=True):
        self.connection.call(
            lambda session: session.transport.run(argv, timeout=60).stdout,
            self.answers.append,
            self.errors.append,
            ask=ask,
        )

    def wait(self, condition):
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=SOON)

    def error(self):
        """The next error, during which the window went on ticking."""
        before, already = self.heart.beats, len(self.errors)
        self.wait(lambda: len(self.errors) > already)
        # It took a second at least: two deadlines of ours, and many a beat.
        assert self.heart.beats - before > 5
        return self.errors[-1]

    def answer(self):
        already = len(self.answers)
        self.wait(lambda: len(self.answers) > already)
        return self.answers[-1]

    def dialog(self):
        """The password dialog that is open."""

        def shown():
            found = self.widget.findChildren(PasswordDialog)
            return [dialog for dialog in found if dialog.isVisible()]

        self.wait(shown)
        return shown()[0]

    def close(self):
        self.connection.leave()
        self.lane.close()
        self.laptop.session.disconnect()


@pytest.fixture
def open_window(qtbot, home, alone, whole_practice):
    made = []

    def make(with_key=True):
        laptop = Laptop(home, whole_practice, with_key=with_key, **SHORT)
        made.append(Window(qtbot, laptop))
        return made[-1]

    yield make
    for window in made:
        window.close()


@pytest.mark.parametrize("fault", ["network", "sshd-frozen"])
def test_connecting_to_what_is_silent_leaves_the_window_alive(
    open_window, whole_practice, fault
):
    window = open_window()
    whole_practice.fail(fault)
    window.ask()

    assert_sentence(window.error(), "Nothing was sent")
    assert "offline since" in window.line
    whole_practice.mend()
    window.ask()
    assert window.answer().strip() == whole_practice.user
    assert "connected as " + whole_practice.user in window.line


def test_a_cut_under_a_call_leaves_the_window_alive_and_the_next_call_reconnects(
    open_window, whole_practice
):
    window = open_window()
    window.ask()
    window.answer()
    window.ask(["sleep", "50"])
    whole_practice.fail("network")

    assert_sentence(window.error(), "lost")
    assert "offline since" in window.line
    # Polling finds it again by itself, and asks nobody.
    whole_practice.mend()
    window.ask(ask=False)
    window.answer()
    assert "connected as" in window.line


def test_the_network_goes_while_the_password_is_asked_for(open_window, whole_practice):
    window = open_window(with_key=False)
    window.laptop.session.credentials.forget(whole_practice.user)
    window.laptop.keyring.kept.clear()
    window.ask()
    dialog = window.dialog()
    beats = window.heart.beats
    whole_practice.fail("network")
    # The connection was let go before the question: no host's grace time runs.
    assert not window.laptop.session.transport.is_connected
    dialog.answers[0].setText(whole_practice.password)
    dialog.accept()

    error = window.error()
    assert type(error) is ConnectionFailed
    assert_sentence(error, "Nothing was sent")
    assert whole_practice.password not in str(error)
    assert window.heart.beats > beats
    # The answer was not lost, and not refused: nobody is asked a second time.
    whole_practice.mend()
    window.ask(ask=False)
    assert window.answer().strip() == whole_practice.user


def test_a_question_that_stays_open_outlives_the_hosts_patience(
    open_window, whole_practice
):
    window = open_window(with_key=False)
    window.laptop.keyring.kept.clear()
    window.ask()
    dialog = window.dialog()
    for host in ("bastion", "gateway"):  # as a host does whose grace time has passed
        whole_practice.fail(host)
        whole_practice.mend(host)
    dialog.answers[0].setText(whole_practice.password)
    dialog.accept()

    assert window.answer().strip() == whole_practice.user
    assert window.errors == []


def test_what_was_typed_is_in_no_widget_afterwards(open_window, whole_practice):
    window = open_window(with_key=False)
    window.laptop.keyring.kept.clear()
    window.ask()
    dialog = window.dialog()
    (line,) = dialog.answers
    line.setText(whole_practice.password)
    dialog.accept()
    window.answer()

    shown = [one.text() for one in window.widget.findChildren(QtWidgets.QLineEdit)]
    assert [text for text in shown if text] == []
    for thing in (window.connection, window.laptop.session.credentials):
        assert whole_practice.password not in repr(vars(thing))


def test_closing_the_question_leaves_nothing_under_way(open_window, whole_practice):
    window = open_window(with_key=False)
    window.laptop.keyring.kept.clear()
    before = window.laptop.stored()
    window.ask()
    window.dialog().reject()

    window.wait(lambda: window.errors)
    assert "not signed in" in window.line
    assert not window.laptop.session.transport.is_connected
    assert window.laptop.stored() == before


def test_the_heart_stops_when_the_window_waits(open_window, qtbot):
    """Else the other tests could not fail."""
    import time

    window = open_window()
    before = window.heart.beats
    time.sleep(0.2)

    assert window.heart.beats == before
