"""An export from SLEAP's real window: it stays alive, and a cancel leaves nothing."""

from __future__ import annotations

import threading

import pytest
from qtpy.QtCore import QTimer

from tests.sleap_host.clicked import (  # noqa: F401
    click,
    cluster,
    controller,
    ours,
    visible,
)

pytestmark = pytest.mark.sleap


def names_in(folder):
    return sorted(str(path) for path in folder.rglob("*"))


def test_the_window_lives_while_it_exports_and_a_cancel_leaves_nothing(
    ours,  # noqa: F811
    host,
    qtbot,
    cluster,  # noqa: F811
    project,
    training_dialog,
    monkeypatch,
):
    """The export is held up between two frames, for as long as the user needs."""
    written, go_on, beats = [], threading.Event(), []
    write = host.write_labels

    def held(snapshot, path, report):
        def told(*progress):
            written.append(threading.current_thread())
            assert go_on.wait(60)
            return report(*progress)

        return write(snapshot, path, told)

    monkeypatch.setattr(host, "write_labels", held)
    ours.run("training", training_dialog)
    click(qtbot, "remote_submit")
    qtbot.waitUntil(lambda: bool(written), timeout=60000)
    before = [n for n in names_in(project.parent) if "settings of the session" not in n]
    assert not any("training_job" in name for name in before)
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(1))
    timer.start(10)
    qtbot.waitUntil(lambda: len(beats) > 20, timeout=20000)
    timer.stop()
    assert written[0] is not threading.main_thread()
    assert host.window.isEnabled()
    visible(qtbot, "remote_progress")

    click(qtbot, "remote_progress_cancel")
    go_on.set()
    notice = ours.dock.notice.label
    qtbot.waitUntil(lambda: "Nothing was submitted" in notice.text(), timeout=30000)
    qtbot.waitUntil(lambda: not ours.dock.progress.isVisible(), timeout=30000)
    after = [n for n in names_in(project.parent) if "settings of the session" not in n]
    assert after == before
    assert cluster.submissions == []
    assert ours.dock.model.jobs() == ()
