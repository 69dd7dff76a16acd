"""Loss curves: where points lie, what is said of them, how values are read."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from qtpy.QtCore import Qt

from sleap_remote_plugin.jobs.job import JobState
from sleap_remote_plugin.jobs.progress import EpochPoint, Progress
from sleap_remote_plugin.jobs.stopping import Stopping
from sleap_remote_plugin.qt import loss_axes
from sleap_remote_plugin.qt.findings import Findings
from sleap_remote_plugin.qt.loss_axes import Curve
from sleap_remote_plugin.qt.loss_plot import LossPlot
from sleap_remote_plugin.qt.progress_page import ProgressPage, caption, curves_of
from sleap_remote_plugin.session.earlier import EarlierCurve
from tests.qt.standins import a_job


def points(*losses):
    return tuple(EpochPoint(n, loss, loss) for n, loss in enumerate(losses))


FALLING = points(0.1, 0.01, 0.001, 0.002)
CENTROID = Curve("centroid", FALLING, (), Stopping(10))
INSTANCE = Curve("instance", points(0.5, 0.4))


@pytest.fixture
def plot(qtbot):
    made = LossPlot()
    qtbot.addWidget(made)
    made.resize(340, 220)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_the_same_curves_are_drawn_once(plot, qtbot):
    for _ in range(3):
        plot.show_curves([CENTROID, INSTANCE])
        plot.canvas.repaint()
    assert plot.canvas.times_drawn == 1
    plot.show_curves([CENTROID._replace(points=FALLING + points(0.1)), INSTANCE])
    plot.canvas.repaint()
    assert plot.canvas.times_drawn == 2


def test_the_curve_is_told_in_words_too(plot):
    plot.show_curves([CENTROID])
    told = plot.canvas.accessibleDescription()
    assert "centroid: 4 epochs, validation loss from 0.1 to 0.002." in told
    assert "best validation loss 0.001 at epoch 3" in told
    assert "no better for 1 of 10 epochs" in told


def test_the_keyboard_reads_the_values(plot, qtbot):
    plot.show_curves([CENTROID, INSTANCE])
    plot.canvas.read(1)
    qtbot.keyClick(plot.canvas, Qt.Key.Key_Right)
    assert plot.canvas.epoch == 2
    told = plot.canvas.accessibleDescription()
    assert "Epoch 2; centroid: 0.01 (train 0.01); instance: 0.4 (train 0.4)" in told
    qtbot.keyClick(plot.canvas, Qt.Key.Key_End)
    qtbot.keyClick(plot.canvas, Qt.Key.Key_Right)
    assert plot.canvas.epoch == 4
    qtbot.keyClick(plot.canvas, Qt.Key.Key_Home)
    qtbot.keyClick(plot.canvas, Qt.Key.Key_Left)
    assert plot.canvas.epoch == 1


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        ((0.1, 0.01), "the last epoch is the best"),
        ((0.1, 0.01, 0.02, 0.03), "no better for 2 of 3 epochs"),
        ((0.1, 0.2, 0.2, 0.2), "stopped by itself after 3 epochs"),
    ],
)
def test_the_patience_that_is_left_is_said(losses, words):
    curve = Curve("centroid", points(*losses), (), Stopping(3))
    assert words in loss_axes.best_text(curve)


def test_the_round_before_is_named():
    curve = CENTROID._replace(earlier=(("v001 top-down", points(0.3, 0.2)),))
    assert "It was 0.2 in v001 top-down." in loss_axes.best_text(curve)


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            EpochPoint,
            st.integers(0, 10**6),
            st.none() | st.floats(-1, 1e9),
            st.none() | st.floats(-1, 1e9),
        ),
        max_size=30,
    ),
    st.integers(20, 2000),
)
@example([EpochPoint(0, None, 5e-324)], 20)
def test_any_curve_has_axes(curve, most):
    made = Curve("x", tuple(curve))
    found = loss_axes.range_of([made], 0)
    loss_axes.description([made])
    if found is not None:
        assert found.low < found.high
        ticks = loss_axes.loss_ticks(found.low, found.high)
        assert 2 <= len(ticks) < 40
        assert loss_axes.epoch_ticks(found.last, most)[0] == 1


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (-3.1, -0.9, ["0.001", "0.01", "0.1"]),
        (-2.5, -1.9, ["0.005", "0.01"]),
        (-12.2, 0.1, ["1e-12", "1e-9", "1e-6", "0.001", "1"]),
        (-2.775, -2.765, ["0.00168", "0.00169", "0.0017", "0.00171"]),
        (2.3, 2.35, ["200", "210", "220"]),
        (-6.03, -6.0, ["9.4e-7", "9.6e-7", "9.8e-7", "1e-6"]),
    ],
)
def test_losses_have_few_round_ticks(low, high, labels):
    assert [text for _, text in loss_axes.loss_ticks(low, high)] == labels


@given(st.floats(-12, 8), st.floats(0.04, 12))
def test_each_tick_is_seen_and_says_where_it_is(low, space):
    ticks = loss_axes.loss_ticks(low, low + space)
    assert 2 <= len(ticks) <= 9
    assert len({text for _, text in ticks}) == len(ticks)
    for power, text in ticks:
        assert low - 1e-9 <= power <= low + space + 1e-9
        assert abs(math.log10(float(text)) - power) < 0.01


@settings(deadline=None)
@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=400))
def test_a_long_curve_loses_points_and_no_peak(losses):
    places = [(n / 20.0, loss) for n, loss in enumerate(losses)]
    kept = loss_axes.thinned(places)
    assert set(kept) <= set(places)
    assert kept == sorted(kept)
    for pick in (min, max):
        assert pick(y for _, y in kept) == pick(y for _, y in places)
    assert len(kept) <= max(2, 2 * (len(losses) // 20 + 1))


# -- the page --------------------------------------------------------------------------


@pytest.fixture
def page(qtbot):
    made = ProgressPage()
    qtbot.addWidget(made)
    made.resize(340, 400)
    made.show()
    return made


def found(*tasks, earlier=()):
    progress = tuple(Progress(len(curve), 200, curve=curve) for curve in tasks)
    return Findings(progress, earlier=earlier)


def test_a_model_of_several_can_be_looked_at_alone(page, qtbot):
    job = a_job(state=JobState.RUNNING)
    page.show_job(job, found(FALLING, points(0.5, 0.4)))
    assert [page.model.itemText(n) for n in range(3)] == [
        "All models",
        "centroid",
        "centered_instance",
    ]
    page.model.setCurrentIndex(2)
    page.model.activated.emit(2)
    assert "centroid" not in page.plot.canvas.accessibleDescription()
    page.show_job(job, found(FALLING, points(0.5, 0.4, 0.3)))
    assert page.model.currentIndex() == 2
    page.show_job(job.changed(uid="another"), found(FALLING, points(0.5)))
    assert page.model.currentIndex() == 0


def test_one_model_is_no_choice(page):
    page.show_job(a_job(state=JobState.RUNNING), found(FALLING))
    assert not page.model.isVisible()
    assert not page.earlier.isVisible()


def test_earlier_rounds_can_be_left_out(page, qtbot):
    before = (EarlierCurve("centroid", "v001", points(9.0, 8.0)),)
    page.show_job(a_job(state=JobState.RUNNING), found(FALLING, earlier=before))
    canvas = page.plot.canvas
    assert canvas._range.high > 0.9  # as far up as the earlier one
    page.earlier.click()
    assert canvas._range.high < 0


@pytest.mark.parametrize(
    ("state", "progress", "words"),
    [
        (JobState.QUEUED, (), "Waiting in the queue"),
        (JobState.RUNNING, (Progress(0, 200),), "No epoch has ended yet"),
        (JobState.FAILED, (), "Failed. No epoch was finished."),
        (JobState.SUBMITTING, (), "is being sent"),
    ],
)
def test_where_there_is_no_curve_a_sentence_stands(page, state, progress, words):
    page.show_job(a_job(state=state), Findings(progress))
    assert words in page.plot.sentence.text()
    assert page.plot.sentence.isVisible()


@pytest.mark.parametrize(
    ("eta", "words"), [(600.0, "Done at about"), (90000.0, "reach its time limit")]
)
def test_it_is_said_whether_the_limit_comes_first(eta, words):
    import time

    now = time.time()
    job = a_job(state=JobState.RUNNING, started=now - 60, tasks=a_job().tasks[:1])
    progress = (Progress(4, 200, rate=0.1, eta=eta, curve=FALLING),)
    told = caption(job, curves_of(job, Findings(progress)), progress)
    assert words in told
