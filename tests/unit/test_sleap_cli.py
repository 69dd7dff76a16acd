"""Commands for SLEAP, held against the recorded --help of each version."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.package import ModelSpec
from sleap_remote_plugin.jobs.sleap_cli import hydra_quoted, predict_argv, train_argv

HELP = Path(__file__).resolve().parents[1] / "data" / "sleap_help"

RUN = "models/261122_153306.centroid.n=12"
OLD = ModelSpec("centroid.json", "centroid", RUN, "labels.v001.pkg.slp")
NEW = ModelSpec("centroid.yaml", "centroid", RUN, "labels.v001.pkg.slp")

FULL_TRACKING = (
    ("tracking.tracker", "flow"),
    ("tracking.match", "hungarian"),
    ("tracking.track_window", "5"),
    ("tracking.similarity", "iou"),
    ("tracking.robust", "0.95"),
    ("tracking.target_instance_count", "2"),
    ("tracking.pre_cull_to_target", "True"),
    ("tracking.pre_cull_iou_threshold", "0.8"),
    ("tracking.post_connect_single_breaks", "1"),
    ("tracking.clean_instance_count", "2"),
    ("tracking.min_new_track_points", "1"),
    ("tracking.of_window_size", "21"),
)


def predict(version="1.3.1", **options):
    return predict_argv(
        ["/ceph/m1", "/ceph/m2"], "/ceph/v.mp4", "o.slp", version=version, **options
    )


def options_of(argv):
    return {part for part in argv if re.match(r"-{1,2}[A-Za-z]", part)}


def test_legacy_training_names_config_and_labels_and_one_gpu():
    assert train_argv(OLD, "1.3.1") == (
        "sleap-train",
        "--first-gpu",
        "centroid.json",
        "labels.v001.pkg.slp",
    )


def test_current_training_is_told_its_run_folder():
    argv = train_argv(NEW, "1.6.6")
    assert argv[:6] == (
        "sleap",
        "train",
        "--config-name",
        "centroid.yaml",
        "--config-dir",
        ".",
    )
    assert argv[6:] == (
        'trainer_config.ckpt_dir="models"',
        'trainer_config.run_name="261122_153306.centroid.n=12"',
    )


LEGACY_INFERENCE = [
    ("max_instances", "2"),
    ("batch_size", "4"),
    ("peak_threshold", "0.2"),
]
INFERENCE = LEGACY_INFERENCE + [
    ("filter_overlapping", ""),
    ("filter_overlapping_method", "iou"),
    ("filter_overlapping_threshold", "0.8"),
]


@pytest.mark.parametrize(
    ("version", "program"),
    [
        ("1.2.9", ("sleap-track",)),
        ("1.4.1", ("sleap-track",)),
        ("1.5.2", ("sleap-nn", "track")),
        ("1.6.3", ("sleap", "track", "--gui")),
        ("1.6.6", ("sleap", "predict", "--gui")),
    ],
)
def test_each_version_has_its_program(version, program):
    assert predict(version)[: len(program)] == program


@pytest.mark.parametrize(
    ("version", "help_file"),
    [
        ("1.3.1", "1.3.1-sleap-track.txt"),
        ("1.6.3", "1.6.6-sleap-track.txt"),
        ("1.6.6", "1.6.6-sleap-predict.txt"),
    ],
)
def test_every_option_is_in_the_recorded_help(version, help_file):
    known = set(
        re.findall(
            r"(?<![\w-])--?[A-Za-z][\w.-]*", (HELP / help_file).read_text("utf-8")
        )
    )
    argv = predict(
        version,
        frames="0-9",
        tracking=FULL_TRACKING,
        dataset="video0/video",
        options=LEGACY_INFERENCE if version < "1.5" else INFERENCE,
    )
    assert options_of(argv) <= known


def test_an_inference_option_that_the_version_lacks_is_refused():
    with pytest.raises(RemoteError, match="has no option filter_overlapping"):
        predict("1.3.1", options=INFERENCE)


@pytest.mark.parametrize("value", ["", "0", "-1", "two", "1 2", "9" * 9])
def test_an_inference_option_with_a_strange_value_is_refused(value):
    with pytest.raises(RemoteError, match="no value of max_instances"):
        predict("1.6.6", options=[("max_instances", value)])


def test_legacy_training_options_are_in_the_recorded_help():
    known = (HELP / "1.3.1-sleap-train.txt").read_text("utf-8")
    for option in options_of(train_argv(OLD, "1.3.1")):
        assert option in known


def test_the_models_keep_their_order():
    old, new = predict("1.3.1"), predict("1.6.6")
    assert [old[i + 1] for i, p in enumerate(old) if p == "-m"] == [
        "/ceph/m1",
        "/ceph/m2",
    ]
    assert [new[i + 1] for i, p in enumerate(new) if p == "--model_paths"] == [
        "/ceph/m1",
        "/ceph/m2",
    ]


@pytest.mark.parametrize("name", ["none", "None", ""])
@pytest.mark.parametrize("version", ["1.3.1", "1.6.6"])
def test_no_tracker_means_no_tracking_option_at_all(name, version):
    argv = predict(
        version, tracking=(("tracking.tracker", name), ("tracking.match", "x"))
    )
    assert not [part for part in argv if "track" in part and part.startswith("--")]


@pytest.mark.parametrize(
    ("version", "tracking"),
    [
        ("1.3.1", (("tracking.tracker", "simplemaxtracks"),)),
        ("1.3.1", (("tracking.tracker", "simple"), ("tracking.max_tracks", "2"))),
        ("1.3.1", (("tracking.tracker", "simple"), ("tracking.bogus", "2"))),
        ("1.6.6", (("tracking.tracker", "bogus"),)),
        ("1.6.6", (("tracking.tracker", "simple"), ("tracking.similarity", "x"))),
        ("1.6.6", (("tracking.tracker", "simple"), ("tracking.bogus", "2"))),
    ],
)
def test_what_a_version_lacks_is_refused_with_what_it_has(version, tracking):
    with pytest.raises(
        RemoteError, match="SLEAP {} on the cluster has no".format(version)
    ):
        predict(version, tracking=tracking)


def test_a_tracker_of_1_3_3_is_allowed_there():
    argv = predict(
        "1.3.3",
        tracking=(
            ("tracking.tracker", "simplemaxtracks"),
            ("tracking.max_tracks", "2"),
        ),
    )
    assert "simplemaxtracks" in argv


def test_an_option_value_cannot_be_another_option():
    with pytest.raises(RemoteError, match="no version of SLEAP takes"):
        predict(tracking=(("tracking.tracker", "simple --open-in-gui"),))


@pytest.mark.parametrize(
    ("frames", "spelled"),
    [("0-99", "0-99"), ("7", "7-7"), ("1,5,9", "1,5,9"), (" 0-2, 9 ", "0,1,2,9")],
)
def test_frames_are_spelled_as_every_version_reads_them(frames, spelled):
    argv = predict(frames=frames)
    assert argv[argv.index("--frames") + 1] == spelled


@pytest.mark.parametrize("frames", ["x", "5-", "-5", "9-1", "1,,2", "0-99999,200000"])
def test_other_frames_are_refused(frames):
    with pytest.raises(RemoteError):
        predict(frames=frames)


def test_tracking_on_scattered_frames_is_refused_with_the_reason():
    with pytest.raises(RemoteError, match="follow each other"):
        predict(frames="1,5", tracking=(("tracking.tracker", "simple"),))


@pytest.mark.parametrize("version", ["", "unknown", "x.y"])
def test_an_unknown_version_is_a_sentence(version):
    with pytest.raises(RemoteError, match="not known which SLEAP"):
        train_argv(OLD, version)


def test_a_path_is_never_taken_for_an_option():
    argv = predict_argv(["-m"], "-v.mp4", "-o.slp", version="1.3.1")
    assert argv[1] == "./-v.mp4"
    assert argv[-1] == "./-o.slp"


def test_a_run_name_that_hydra_would_replace_is_refused():
    with pytest.raises(RemoteError, match="another run name"):
        hydra_quoted("a${b}")


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30))
def test_hydra_reads_back_the_same_run_name(name):
    parser = pytest.importorskip("hydra.core.override_parser.overrides_parser")
    try:
        text = "trainer_config.run_name=" + hydra_quoted(name)
    except RemoteError:
        return
    (override,) = parser.OverridesParser.create().parse_overrides([text])
    value = override.value()
    assert str(getattr(value, "text", value)) == name
    assert override.key_or_group == "trainer_config.run_name"
