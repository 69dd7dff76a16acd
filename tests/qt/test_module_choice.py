"""Which SLEAP does the work: what is offered, what is said, what is stopped."""

from __future__ import annotations

import dataclasses

from qtpy.QtCore import Qt

from sleap_remote_plugin.errors import ModuleMissing
from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.version_match import misfit_advice, misfit_sentence
from sleap_remote_plugin.qt.dialogs.module_choice import ModuleChoice
from tests.qt.test_submission import left_over, message, press

OLD = SleapModule("SLEAP/2025-09-30", "1.3.4")
NEAR = SleapModule("SLEAP/2026-05-08", "1.6.3")
SAME = SleapModule("SLEAP/2026-09-01", "1.6.6")
BROKEN = SleapModule("SLEAP/test", "", "cannot be loaded: no cuda", False)


def choice(qtbot, *modules, own="1.6.6", told=()):
    widget = ModuleChoice(Generation.CURRENT, own)
    qtbot.addWidget(widget)
    widget.offer(modules)
    if told is not None:
        widget.leave_out(told)
    if widget.module().name:
        widget.suggest(widget.module())
    return widget


def texts(widget):
    return [widget.combo.itemText(i) for i in range(widget.combo.count())]


def test_the_nearest_version_is_chosen_and_both_are_shown(qtbot):
    widget = choice(qtbot, OLD, NEAR)
    assert widget.module() == NEAR
    assert texts(widget) == ["SLEAP/2026-05-08 (1.6.3; yours is 1.6.6)"]


def test_a_broken_module_is_named_and_cannot_be_chosen(qtbot):
    widget = choice(qtbot, NEAR, BROKEN)
    assert texts(widget)[1] == "SLEAP/test (cannot be loaded: no cuda)"
    item = widget.combo.model().item(1)
    assert not item.flags() & Qt.ItemFlag.ItemIsEnabled
    assert widget.module() == NEAR


def test_broken_modules_alone_are_none(qtbot):
    widget = choice(qtbot, BROKEN)
    assert widget.is_empty
    assert widget.module().name == ""


def test_a_difference_is_told_once(qtbot):
    widget = choice(qtbot, NEAR)
    assert "SLEAP 1.6.3, yours is 1.6.6" in widget.note.text()
    assert widget.told_here == ("1.6.3",)
    again = choice(qtbot, NEAR, told=widget.told_here)
    assert again.note.text() == ""
    assert "yours is 1.6.6" in texts(again)[0]  # this much is always there


def test_a_difference_waits_until_it_is_known_what_was_told(qtbot):
    assert choice(qtbot, NEAR, told=None).note.text() == ""


def test_a_difference_waits_for_what_the_cluster_really_has(qtbot):
    widget = ModuleChoice(Generation.CURRENT, "1.6.6")
    qtbot.addWidget(widget)
    widget.leave_out(())
    widget.offer((NEAR,))  # the profile's
    assert widget.note.text() == ""
    widget.suggest(SAME)
    assert widget.told_here == ()


def test_the_same_version_has_nothing_to_tell(qtbot):
    widget = choice(qtbot, NEAR, SAME)
    assert widget.module() == SAME
    assert widget.note.text() == ""


def test_what_the_user_chose_stays_when_more_is_known(qtbot):
    widget = choice(qtbot, NEAR, SAME)
    widget.combo.setCurrentIndex(0)
    widget.suggest(SAME)
    widget.offer((SAME, dataclasses.replace(NEAR, sleap="1.6.4")))
    assert (widget.module().name, widget.module().sleap) == (NEAR.name, "1.6.4")


def test_a_choice_that_turns_out_broken_gives_way(qtbot):
    widget = choice(qtbot, NEAR, SAME)
    widget.combo.setCurrentIndex(0)
    widget.offer((SleapModule(NEAR.name, "", "no SLEAP in it", False), SAME))
    assert widget.module() == SAME


def test_refresh_asks_once_until_there_is_an_answer(qtbot):
    widget = choice(qtbot, NEAR)
    asked = []
    widget.refresh_wanted.connect(lambda: asked.append(True))
    widget.refresh.click()
    widget.refresh.click()
    assert asked == [True]
    widget.offer((NEAR, SAME))
    assert widget.refresh.isEnabled()


# -- in a submission -------------------------------------------------------------------


def test_a_cluster_of_the_other_generation_blocks_before_the_export(studio):
    sentence = misfit_sentence("Practice HPC", (OLD,), Generation.CURRENT)

    def choose(generation, version):
        raise ModuleMissing(sentence, misfit_advice((OLD,), Generation.CURRENT))

    studio.session.choose_module = choose
    studio.session.modules = lambda refresh=False: (OLD,)
    studio.run()
    dialog = studio.child("remote_submit_dialog")
    studio.qtbot.waitUntil(lambda: "SLEAP/2025-09-30 (1.3.4)" in dialog.problem.text())
    assert dialog.with_module.how.isHidden()
    dialog.with_module.how_button.click()
    assert "sleap=1.3.4" in dialog.with_module.how.text()  # what installs it here
    assert not dialog.with_module.how.isHidden()
    assert not dialog.submit.isEnabled()
    dialog.reject()
    assert studio.host.calls == []
    assert left_over(studio) == []


def test_a_module_that_is_another_sleap_than_thought_stops_before_the_export(studio):
    def confirm(module, generation):
        raise ModuleMissing(
            "SLEAP/a is SLEAP 1.3.1. Nothing was submitted or exported."
        )

    studio.session.confirm_module = confirm
    studio.run()
    press(studio, "remote_submit")
    assert "Nothing was submitted or exported" in message(studio)
    studio.qtbot.waitUntil(lambda: not studio.controller.sending.under_way)
    assert studio.host.calls == []
    assert left_over(studio) == []
    assert studio.session.submissions == []


def test_the_version_that_was_read_last_is_the_jobs(studio):
    real = SleapModule("SLEAP/2026-05-08", "1.6.5")
    studio.session.confirm_module = lambda module, generation: real
    studio.run("inference")
    press(studio, "remote_submit")
    studio.qtbot.waitUntil(lambda: bool(studio.session.submissions))
    assert studio.session.submissions[0][4].sleap == "1.6.5"


def test_what_was_told_is_remembered_also_when_nothing_is_submitted(studio):
    studio.host.version = "1.6.6"
    studio.run()
    dialog = studio.child("remote_submit_dialog")
    studio.qtbot.waitUntil(lambda: bool(dialog.with_module.told_here))
    dialog.reject()
    studio.qtbot.waitUntil(lambda: studio.session.differences == ("1.6.3",))


def test_refresh_reads_the_modules_again(studio):
    asked = []
    studio.session.read_modules = lambda refresh=False: (
        asked.append(refresh)
        or (
            NEAR,
            SAME,
        )
    )
    studio.session.modules = lambda refresh=False: (NEAR, SAME)
    studio.run()
    dialog = studio.child("remote_submit_dialog")
    press(studio, "remote_module_refresh")
    studio.qtbot.waitUntil(lambda: asked == [True])
    studio.qtbot.waitUntil(lambda: dialog.with_module.combo.count() == 2)
    dialog.reject()
