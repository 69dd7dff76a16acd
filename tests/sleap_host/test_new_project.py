"""A project that has no video and no label yet, in SLEAP's real window."""

from __future__ import annotations

import pytest

from tests.sleap_host.clicked import cluster, controller  # noqa: F401

SENDING = ("remote_train", "remote_predict", "remote_train_then_predict")


@pytest.fixture
def empty(tmp_path, app_module):
    """A project file without a video."""
    path = tmp_path / "empty.slp"
    try:
        import sleap_io
    except ImportError:
        from sleap import Labels

        Labels.save_file(Labels(), str(path))
    else:
        sleap_io.Labels().save(str(path))
    return path


def test_what_can_be_sent_follows_the_first_video_and_the_first_label(
    make_window,
    empty,
    project,
    monkeypatch,
    cluster,  # noqa: F811
    controller,  # noqa: F811
):
    ours = make_window(empty).remote_controller
    dock, entries = ours.dock, ours.menu.entries
    assert "add the videos that you want to label" in dock.empty.text()
    assert "no video yet" in dock.obstacle.text()
    for name in (*SENDING, "remote_next_round"):
        assert not entries[name].isEnabled()
        assert "no video yet" in entries[name].toolTip()

    choose(monkeypatch, project.parent / "arena.avi")
    assert dock.begin.text() == "Add videos..."
    dock.begin.click()
    assert len(ours.host.project().videos) == 1
    assert dock.begin.text() == "Predict..."
    assert entries["remote_predict"].isEnabled()
    assert "no labelled frame yet" in dock.obstacle.text()

    label_a_frame(ours.host.window)  # in a project that has changes already
    assert entries["remote_train"].isEnabled()
    assert dock.obstacle.isHidden()
    assert dock.begin.text() == "Train..."
    ours.follower.stop()
    ours.network.close()
    ours.files.close()


def choose(monkeypatch, video):
    """Have this file chosen in SLEAP's dialogs, read as they propose.

    Those are modal and the system's: nothing could be clicked while they are open.
    """
    from sleap.gui.dialogs import importvideos

    asking = importvideos.ImportParamDialog
    chosen = lambda *_args, **_words: ([str(video)], "")  # noqa: E731
    monkeypatch.setattr(importvideos.FileDialog, "openMultiple", chosen)
    monkeypatch.setattr(asking, "exec_", asking.accept, raising=False)


def label_a_frame(window):
    """Two nodes, and an instance on the frame that is shown."""
    window.commands.newNode()
    window.commands.newNode()
    window.commands.newInstance(init_method="best")
