"""An export in the window: what it shows, what it asks, how it is stopped."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt

from sleap_remote_plugin.errors import PackageProblem
from sleap_remote_plugin.qt.dialogs.package_settings import FULL, PackageSettings
from sleap_remote_plugin.qt.host import TrainingPlan

SENTENCE = "Trains only, and visualises nothing: predictions are a job of their own."


def press(studio, name):
    studio.qtbot.mouseClick(studio.child(name), Qt.MouseButton.LeftButton)


@pytest.fixture
def planned(studio):
    """SLEAP's dialog is set to turn pictures a little."""
    plan = TrainingPlan(
        "top-down",
        ("centroid",),
        "labels.pkg.slp",
        settings=(SENTENCE,),
        rotations=(("centroid", "\u00b115\u00b0"),),
    )
    studio.host.training_plan = lambda dialog: plan
    return studio


@pytest.mark.parametrize("asked", [False, True])
def test_pictures_are_turned_by_any_angle_only_if_asked(planned, asked):
    planned.run()
    dialog = planned.child("remote_submit_dialog")
    assert dialog.package.text.text() == SENTENCE
    assert "\u00b115\u00b0" in dialog.package.hint.text()
    assert not dialog.package.rotate.isChecked()
    dialog.package.rotate.setChecked(asked)
    press(planned, "remote_submit")
    planned.qtbot.waitUntil(lambda: bool(planned.session.submissions))
    assert planned.host.full_rotation is asked


@pytest.mark.parametrize(
    ("rotations", "offered", "words"),
    [
        ([("a", FULL), ("b", FULL)], False, "any angle"),
        ([("a", FULL), ("b", "off")], True, SENTENCE),
        ([], False, SENTENCE),
    ],
)
def test_it_is_offered_where_sleaps_dialog_has_another_angle(
    qtbot, rotations, offered, words
):
    widget = PackageSettings([SENTENCE], rotations)
    qtbot.addWidget(widget)
    widget.show()
    assert widget.rotate.isVisible() is offered
    assert words in widget.text.text()


def test_the_dock_says_which_frame_it_is_at(studio):
    studio.host.write_gate.clear()
    studio.run()
    press(studio, "remote_submit")
    label = studio.dock.progress.label
    studio.qtbot.waitUntil(lambda: "labels.pkg.slp: frame 1 of 2" in label.text())
    studio.host.write_gate.set()
    studio.qtbot.waitUntil(lambda: bool(studio.session.submissions))


@pytest.mark.parametrize("step", ["labels_slices", "write_configs", "labels_size"])
def test_what_goes_wrong_at_a_step_is_said_and_nothing_is_left(studio, step):
    def fail(*_args, **_keywords):
        raise PackageProblem("It broke on purpose.")

    def fail_later(*_args, **_keywords):
        yield None
        fail()

    setattr(studio.host, step, fail_later if step == "labels_slices" else fail)
    studio.run()
    press(studio, "remote_submit")
    box = studio.child("remote_message")
    assert "broke on purpose" in box.text()
    box.close()
    assert studio.session.submissions == []
    left = [path.name for path in studio.folder.iterdir() if path.name != "home"]
    assert left == []
