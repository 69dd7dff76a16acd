from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.progress import (
    EpochPoint,
    PredictionLog,
    Progress,
    TrainingLog,
    epochs_in_config,
    read_prediction_progress,
    read_training_log,
    time_needed,
    training_progress,
)

LEGACY_LOG = (
    "epoch,abdomen,eyeL,loss,lr,val_abdomen,val_loss\n"
    "0,0.1,0.2,0.0023668,1e-04,0.3,0.0023431\n"
    "1,0.1,0.2,0.0022,1e-04,0.3,nan\n"
)
CURRENT_LOG = (
    "epoch,train/loss,val/loss,learning_rate,train/time,val/time\n"
    "0,,0.0068730846978724,,,0.0925\n"
    "1,0.005,0.004,0.0001,1.5,0.09\n"
)


def test_a_legacy_log_is_read_by_its_header():
    assert read_training_log(LEGACY_LOG) == (
        EpochPoint(0, 0.0023668, 0.0023431),
        EpochPoint(1, 0.0022, None),
    )


def test_a_current_log_may_lack_its_first_loss():
    assert read_training_log(CURRENT_LOG) == (
        EpochPoint(0, None, 0.0068730846978724),
        EpochPoint(1, 0.005, 0.004),
    )


@pytest.mark.parametrize("log", [LEGACY_LOG, CURRENT_LOG])
def test_a_partial_last_line_is_left_out(log):
    whole = read_training_log(log)
    for cut in range(len(log)):
        assert read_training_log(log[:cut]) == whole[: log[:cut].count("\n") - 1] or (
            log[:cut].count("\n") < 1
        )


def test_a_second_header_begins_a_new_curve():
    assert len(read_training_log(LEGACY_LOG + LEGACY_LOG)) == 2
    again = LEGACY_LOG + "epoch,loss,lr,val_loss\n0,9,1e-4,9\n"
    assert read_training_log(again) == (EpochPoint(0, 9.0, 9.0),)


def test_windows_line_ends_do_no_harm():
    assert read_training_log(LEGACY_LOG.replace("\n", "\r\n")) == read_training_log(
        LEGACY_LOG
    )


def test_training_progress_counts_epochs_and_guesses_the_end():
    progress = training_progress(
        read_training_log(LEGACY_LOG), total_epochs=10, elapsed=40.0
    )
    assert (progress.done, progress.total, progress.unit) == (2, 10, "epochs")
    assert progress.rate == pytest.approx(0.05)
    assert progress.eta == pytest.approx(160.0)


def test_before_the_first_epoch_there_is_no_guess():
    progress = training_progress((), total_epochs=10, elapsed=40.0)
    assert (progress.done, progress.rate, progress.eta, progress.curve) == (
        0,
        None,
        None,
        (),
    )


def test_the_last_inference_line_of_either_generation_counts():
    old = (
        '{"n_processed": 4, "n_total": 101, "elapsed": 4.4, "rate": 0.9, "eta": 108.4}'
    )
    new = '{"n_processed": 64, "n_total": 101, "rate": 3.6, "eta": 10.2}'
    log = '{\n"a": 1\n}\nStarted\n' + old + "\n" + new + "\nnoise\n"
    progress = read_prediction_progress(log)
    assert (progress.done, progress.total, progress.unit) == (64, 101, "frames")
    assert (progress.rate, progress.eta) == (3.6, 10.2)
    assert read_prediction_progress(log + new[:20]).done == 64


@given(st.lists(st.integers(0, 60), max_size=6))
def test_a_log_that_comes_in_pieces_is_the_same_log(cuts):
    whole = LEGACY_LOG + CURRENT_LOG
    places = [0, *sorted(cuts), len(whole)]
    log = TrainingLog()
    for start, end in zip(places, places[1:]):
        log.feed(whole[start:end])
    assert log.curve == read_training_log(whole)


def test_an_inference_line_that_comes_in_two_pieces_counts():
    log = PredictionLog()
    log.feed('{"n_processed": 6, "n_tot')
    assert log.last is None
    log.feed('al": 12, "rate": 2.0}\r')
    assert (log.last.done, log.last.eta) == (6, 3.0)


def test_a_prediction_that_was_started_anew_begins_anew():
    log = PredictionLog()
    log.feed('{"n_processed": 6, "n_total": 12}\nJob 7 task 3 on node1, restart 1, Mon')
    assert log.last is None


@pytest.mark.parametrize(
    ("progress", "tasks", "needed"),
    [
        ((), 1, None),
        ((Progress(5, 10, rate=0.1, eta=50.0),), 1, 50.0),
        ((Progress(5, 10, rate=0.1, eta=50.0),), 2, 150.0),  # and one as long
        ((Progress(10, 10), Progress(5, 10, rate=0.1, eta=50.0)), 2, 50.0),
        ((Progress(10, 10),), 2, None),
        ((Progress(5, None, rate=0.1),), 1, None),
    ],
)
def test_the_time_that_a_job_still_needs(progress, tasks, needed):
    assert time_needed(progress, tasks) == needed


@pytest.mark.parametrize(
    "line",
    ["", '{"n_processed": "x"}', '{"n_processed": -1}', '{"n_processed": NaN}', "{}"],
)
def test_a_broken_inference_line_is_no_progress(line):
    assert read_prediction_progress(line) is None


@pytest.mark.parametrize(
    ("text", "generation", "epochs"),
    [
        (json.dumps({"optimization": {"epochs": 200}}), Generation.LEGACY, 200),
        ("trainer_config:\n  max_epochs: 30\n", Generation.CURRENT, 30),
        ("trainer_config:\n  max_epochs: null\n", Generation.CURRENT, None),
        ("trainer_config: 1", Generation.CURRENT, None),
        ("", Generation.LEGACY, None),
        ("[1", Generation.CURRENT, None),
    ],
)
def test_epochs_are_read_from_a_config(text, generation, epochs):
    assert epochs_in_config(text, generation) == epochs


@given(
    st.text(max_size=200)
    | st.text('epoch,losval/_0123.-naif\n\r"{}: ', max_size=300).map(
        lambda t: "epoch,loss,val_loss\n" + t
    )
)
def test_garbage_is_never_an_exception(text):
    read_training_log(text)
    read_prediction_progress(text)
    for generation in Generation:
        epochs_in_config(text, generation)
