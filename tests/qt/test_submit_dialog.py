"""The submit dialog alone: choices, rules, what is wrong, what is explained."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QLabel, QLineEdit

from sleap_remote_plugin.jobs.cluster import GpuAdvice
from sleap_remote_plugin.jobs.field_rules import FieldRule
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.jobs.site import Site
from sleap_remote_plugin.slurm.estimate import Estimate
from tests.qt import submit_states as states

GB = 2**30
FIELDS = ("partition", "gpus", "gpu_type", "cpus", "memory", "time")


@pytest.fixture
def shown(qtbot):
    """Make a dialog, with the cluster's choices, and show it."""

    def make(age=0.0, **values):
        dialog = states.a_dialog(**values)
        qtbot.addWidget(dialog)
        dialog.offer_site(states.a_site(age))
        with qtbot.waitExposed(dialog):
            dialog.show()
        return dialog

    return make


def beside(dialog, field):
    """What is said beside a field."""
    rows = {**dialog.rows, **dialog.advanced.rows}
    label = rows[field].notes[field].label
    return label.text() if label.isVisible() else ""


# -- what was typed, and what was read -------------------------------------------------


def test_a_number_without_its_unit_is_told_beside_its_field_and_may_be_sent(shown):
    dialog = shown()
    assert beside(dialog, "memory") == beside(dialog, "time") == ""
    dialog.memory.setText("32")
    dialog.time.setText("1:30")
    assert "that is 32 MB. For 32 GB, type 32G" in beside(dialog, "memory")
    assert "that is 1 minute 30 seconds" in beside(dialog, "time")
    assert dialog.submit.isEnabled()
    dialog.memory.setText("32G")
    assert beside(dialog, "memory") == ""


@pytest.mark.parametrize("rule", [{"fixed": 32 << 20}, {"hidden": True}])
def test_what_the_profile_alone_decides_is_not_remarked_upon(shown, rule):
    dialog = shown(rules=(FieldRule("memory", **rule),))
    dialog.fields.memory.setText("32")
    assert beside(dialog, "memory") == ""


# -- choices ---------------------------------------------------------------------------


def test_the_lists_tell_limits_states_and_how_many_gpus_are_free(shown):
    dialog = shown()
    assert dialog.partition.details() == (
        "gpu – up to 4-00:00:00, 2 nodes, 3 of 8 GPUs free now",
        "cpu – up to 10-00:00:00, 12 nodes, no GPUs",
        "gpu_lowp – takes no jobs just now, up to 4-00:00:00",
    )
    assert dialog.gpu_type.details() == (
        "any",
        "a4500 – 3 free now",
        "rtx5000 – none free now",
    )
    dialog.gpu_type.setCurrentIndex(1)
    assert dialog.gpu_type.currentText() == "a4500"
    assert dialog.resources().gpu_type == "a4500"
    assert "3 of 4 a4500 cards free now." in dialog.start.text.text()


def test_what_was_told_earlier_has_its_age(shown):
    dialog = shown(age=5000.0)
    assert "3 free as of " in dialog.gpu_type.details()[1]
    assert "3 of 8 GPU cards free as of " in dialog.start.text.text()


def test_what_only_the_profile_says_has_no_count_and_no_age(shown):
    dialog = shown()
    dialog.offer_site(Site(dialog.profile.limits))
    assert dialog.gpu_type.details() == ("any", "a4500", "rtx5000")
    assert not dialog.start.isVisible()


def test_accounts_and_qos_are_offered_and_what_was_typed_stays(shown):
    dialog = shown()
    advanced = dialog.advanced
    advanced.lines["account"].setText("mine")
    dialog.offer_site(states.a_site())
    assert advanced.combos["account"].details() == (
        " – your usual one",
        "neurolab",
        "visitors – partition gpu only",
    )
    assert "normal – the usual one" in advanced.combos["qos"].details()
    assert dialog.resources().account == "mine"


def test_a_partition_that_is_down_is_told_and_can_be_chosen(shown):
    dialog = shown()
    dialog.partition.setCurrentText("gpu_lowp")
    assert "takes no jobs just now" in beside(dialog, "partition")
    assert dialog.submit.isEnabled()


def test_a_card_that_the_profile_advises_against_is_told_beside_it(shown):
    dialog = shown(gpu_advice=(GpuAdvice("rtx5000", None, "It is too old."),))
    dialog.gpu_type.setCurrentText("rtx5000")
    assert "It is too old." in beside(dialog, "gpu_type")
    assert dialog.submit.isEnabled()


# -- the profile's rules ---------------------------------------------------------------


def test_a_fixed_field_is_text_and_a_hidden_one_is_not_there(shown):
    dialog = shown(rules=states.RULES)
    fixed = dialog.findChild(QLabel, "remote_partition_fixed")
    assert (fixed.text(), fixed.isVisible()) == ("gpu", True)
    assert not dialog.partition.isVisible()
    assert not dialog.cpus.isVisible()
    dialog.advanced.button.click()
    lines = dialog.advanced.lines
    assert not lines["constraint"].isVisible()
    assert lines["begin"].isVisible()
    dialog.suggest_resources(
        dialog.profile.allowed(Resources("cpu"), dialog.kind, dialog.generation)
    )
    assert dialog.resources().partition == "gpu"
    assert dialog.resources().cpus == 8


def test_what_the_profile_does_not_allow_is_said_beside_the_field(shown):
    dialog = shown(rules=states.RULES)
    dialog.memory.setText("65G")
    assert "memory of 64G at most" in beside(dialog, "memory")
    dialog.memory.setText("1G")
    assert "memory of 4G at least" in beside(dialog, "memory")
    assert not dialog.submit.isEnabled()
    dialog.memory.setText("64G")
    assert beside(dialog, "memory") == ""
    assert dialog.submit.isEnabled()


def test_the_profiles_help_takes_the_place_of_ours(shown):
    dialog = shown(rules=states.RULES)
    told = "Memory of the node, shared by all. Here at least 4G, at most 64G."
    assert dialog.memory.toolTip() == told
    assert "shared by all" not in dialog.time.toolTip()


def test_a_hidden_fields_problem_is_said_below(shown):
    dialog = shown(rules=(FieldRule("partition", hidden=True),))
    dialog.fields.partition.setCurrentText("nosuch")
    assert "no partition nosuch" in dialog.problem.text()
    assert dialog.problem.isVisible()


# -- what is wrong ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "change", "words"),
    [
        ("time", lambda d: d.time.setText("9-00"), "allows 4-00:00:00 at most"),
        ("time", lambda d: d.time.setText("soon"), "such as 6:00:00"),
        ("memory", lambda d: d.memory.setText("plenty"), "such as 32G"),
        ("memory", lambda d: d.memory.setText("129G"), "more than 128G"),
        ("cpus", lambda d: d.cpus.setValue(33), "more than 32 CPUs"),
        ("gpus", lambda d: d.gpus.setValue(5), "more than 4 GPUs"),
        ("gpus", lambda d: d.partition.setCurrentText("cpu"), "cpu has no GPUs"),
        ("gpu_type", lambda d: d.gpu_type.setCurrentText("v100"), "no v100 GPU"),
        ("partition", lambda d: d.partition.setCurrentText("x"), "no partition x"),
    ],
)
def test_it_is_said_beside_its_field_and_is_why_submit_is_grey(
    shown, field, change, words
):
    dialog = shown()
    change(dialog)
    assert words in beside(dialog, field)
    assert [one for one in FIELDS if beside(dialog, one)] == [field]
    assert not dialog.submit.isEnabled()
    assert words in dialog.submit.toolTip()
    assert not dialog.problem.isVisible()


def test_two_mistakes_are_said_at_once(shown):
    dialog = shown()
    dialog.time.setText("soon")
    dialog.cpus.setValue(99)
    assert beside(dialog, "time")
    assert beside(dialog, "cpus")


def test_return_leads_to_what_is_wrong_and_then_submits(shown, qtbot):
    dialog = shown()
    dialog.activateWindow()
    dialog.advanced.lines["begin"].setText("later")
    dialog.job_name.setFocus()
    qtbot.keyClick(dialog.job_name, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.focusWidget() is dialog.advanced.lines["begin"]
    assert "22:00" in beside(dialog, "begin")
    dialog.advanced.lines["begin"].setText("22:00")
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog.advanced.lines["begin"], Qt.Key.Key_Return)


def test_a_click_on_the_grey_submit_leads_to_what_is_wrong(shown, qtbot):
    dialog = shown()
    dialog.memory.setText("plenty")
    dialog.job_name.setFocus()
    at = dialog.submit.mapTo(dialog, dialog.submit.rect().center())
    qtbot.mouseClick(dialog, Qt.MouseButton.LeftButton, pos=at)
    assert dialog.focusWidget() is dialog.memory


def test_escape_cancels(shown, qtbot):
    dialog = shown()
    with qtbot.waitSignal(dialog.rejected):
        qtbot.keyClick(dialog.time, Qt.Key.Key_Escape)


def test_what_is_wrong_in_a_folded_advanced_is_said_below(shown):
    dialog = shown()
    dialog.advanced.lines["begin"].setText("later")
    assert "22:00" in dialog.problem.text()
    dialog.advanced.button.click()
    assert dialog.problem.text() == ""
    assert "22:00" in beside(dialog, "begin")


# -- last time, and the start ----------------------------------------------------------


def test_what_was_used_last_time_is_told_and_less_can_be_asked_for(shown):
    dialog = shown()
    assert not dialog.last_time.isVisible()
    dialog.tell_last_time(states.LAST)
    assert dialog.last_time.text.text() == "9.1 GB, 01:20:00 (of 32 GB, 06:00:00 asked)"
    assert "14G, 02:45:00" in dialog.last_time.less.toolTip()
    dialog.last_time.less.click()
    asked = dialog.resources()
    assert (asked.memory, asked.time) == (14 * GB, 9900)
    assert not dialog.last_time.less.isVisible()


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (Estimate(0.0), "expects a start at once."),
        (Estimate(21660.0), "in 6 h 01 min."),
        (Estimate(), ""),
        (None, ""),
    ],
)
def test_the_start_is_told_as_slurm_expects_it(shown, estimate, words):
    dialog = shown()
    dialog.tell_start(estimate)
    assert words in dialog.start.text.text()
    assert ("SLURM" in dialog.start.text.text()) == bool(words)


def test_a_refusal_is_told_in_slurms_words_and_does_not_stop_a_submit(shown):
    dialog = shown()
    dialog.tell_start(Estimate(refusal="<b>Invalid</b> partition"))
    label = dialog.start.refused.label
    assert label.text() == "SLURM would not take it: <b>Invalid</b> partition."
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert dialog.submit.isEnabled()


# -- help, keyboard, size --------------------------------------------------------------


def test_every_field_is_explained_for_mouse_keyboard_and_screen_reader(shown):
    dialog = shown()
    fields = [dialog.rows[name].fields[name] for name in FIELDS]
    fields += [row.fields[name] for name, row in dialog.advanced.rows.items()]
    fields += [dialog.job_name, dialog.with_module.combo]
    for field in fields:
        assert field.toolTip() or field is dialog.with_module.combo
        assert field.whatsThis()
        assert field.accessibleDescription()
        assert field.accessibleName()


def test_a_tooltip_shows_no_html_of_others(shown):
    dialog = shown()
    dialog.partition.setCurrentText("<img src=x>")
    assert "&lt;img" in dialog.submit.toolTip()
    assert "<img" not in dialog.submit.toolTip()


def test_the_question_mark_explains_the_field_that_has_the_focus(shown, qtbot):
    dialog = shown()
    dialog.activateWindow()
    text = dialog.findChild(QLabel, "remote_field_help")
    assert not text.isVisible()
    qtbot.mouseClick(dialog.help.button, Qt.MouseButton.LeftButton)
    dialog.memory.setFocus()
    qtbot.waitUntil(lambda: "(--mem)" in text.text())
    assert text.isVisible()
    dialog.gpu_type.setFocus()
    qtbot.waitUntil(lambda: "any starts soonest" in text.text())


def test_tab_goes_through_the_fields_from_top_to_bottom(shown, qtbot):
    dialog = shown()
    dialog.activateWindow()
    dialog.job_name.setFocus()
    seen = []
    for _ in range(40):
        widget = dialog.focusWidget()
        if widget in seen:
            break
        seen.append(widget)
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    places = [(w.mapTo(dialog, w.rect().topLeft()).y() // 16) for w in seen]
    assert len(seen) > 9
    assert (
        places[1:-1] == sorted(places[1:-1])
        or sum(one > two for one, two in zip(places, places[1:])) <= 1
    )


def test_mnemonics_are_used_once(shown):
    dialog = shown()
    dialog.tell_last_time(states.LAST)
    texts = [w.text() for w in dialog.findChildren(QLabel) if w.buddy() is not None]
    texts += [
        button.text()
        for button in (
            dialog.advanced.button,
            dialog.show_button,
            dialog.save,
            dialog.submit,
            dialog.last_time.less,
        )
    ]
    letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
    assert len(letters) > 9
    assert len(letters) == len(set(letters))


def test_it_scrolls_only_where_the_screen_is_too_low(shown, qtbot):
    dialog = shown()
    bar = dialog.scroll.verticalScrollBar()
    assert not bar.isVisible()
    before = dialog.height()
    dialog.advanced.button.click()
    qtbot.waitUntil(lambda: dialog.height() > before)
    dialog.advanced.button.click()
    qtbot.waitUntil(lambda: dialog.height() == before)
    qtbot.waitUntil(lambda: dialog.resize(dialog.width(), 300) or bar.isVisible())
    assert dialog.submit.isVisible()
    dialog.cpus.setValue(3)
    assert dialog.height() < before - 50  # as the user made it


def test_the_whole_script_is_copied(shown, qtbot):
    dialog = shown()
    dialog.show_button.click()
    assert not dialog.view.copy.isEnabled()
    text = "#!/bin/bash -l\n" + "#SBATCH --nice=1\n" * 50
    dialog.show_script(text)
    dialog.view.copy.click()
    assert QApplication.clipboard().text() == text


def test_no_script_is_shown_of_what_cannot_be_submitted(shown):
    dialog = shown()
    dialog.show_button.click()
    dialog.show_script("#!/bin/bash -l\n")
    dialog.memory.setText("plenty")
    assert "bash" not in dialog.script.toPlainText()
    assert not dialog.view.copy.isEnabled()


def test_long_names_are_shortened_and_told_in_full(shown, qtbot):
    dialog = shown(what=states.VIDEOS, kind=states.JobKind.PREDICT)
    title = dialog.findChild(QLabel, "remote_what")
    qtbot.waitUntil(lambda: states.VIDEOS.title in title.toolTip())
    assert dialog.findChild(QLineEdit, "remote_job_name").cursorPosition() == 0
    assert dialog.width() < 700
