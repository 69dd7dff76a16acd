"""Commands for SLEAP, held against the recorded --help of each version."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.frames import read_frames
from sleap_remote_plugin.jobs.package import ModelSpec
from sleap_remote_plugin.jobs.sleap_cli import (
    fits_argument,
    hydra_quoted,
    predict_argv,
    train_argv,
)

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


HELP_OF = {
    "1.3.1": "1.3.1-sleap-track.txt",
    "1.3.4": "1.3.4-sleap-track.txt",
    "1.4.1": "1.4.1-sleap-track.txt",
    "1.6.3": "1.6.3-sleap-track.txt",
    "1.6.6": "1.6.6-sleap-predict.txt",
}


def known_options(version):
    text = (HELP / HELP_OF[version]).read_text("utf-8")
    return set(re.findall(r"(?<![\w-])--?[A-Za-z][\w.-]*", text))


@pytest.mark.parametrize("version", sorted(HELP_OF))
def test_every_option_is_in_the_recorded_help(version):
    argv = predict(
        version,
        frames="0-9",
        tracking=FULL_TRACKING,
        dataset="video0/video",
        input_format="channels_first",
        options=LEGACY_INFERENCE if version < "1.5" else INFERENCE,
    )
    assert options_of(argv) <= known_options(version)


#: Names and values of every tracking option that a SLEAP dialog has, and some others.
TRACKING = {
    "tracker": ["simple", "flow", "simplemaxtracks", "flowmaxtracks", "none", "dream"],
    "similarity": [
        "instance",
        "normalized_instance",
        "centroid",
        "centroids",
        "iou",
        "oks",
        "object keypoint",
        "taste",
    ],
    "match": ["greedy", "hungarian", "best"],
    "track_window": ["5"],
    "robust": ["0.95", "1.0"],
    "max_tracks": ["3"],
    "max_tracking": ["1", "True"],
    "target_instance_count": ["2"],
    "pre_cull_to_target": ["True", "0"],
    "pre_cull_iou_threshold": ["0.8"],
    "post_connect_single_breaks": ["True", "False"],
    "clean_instance_count": ["2"],
    "clean_iou_threshold": ["0.5"],
    "save_shifted_instances": ["False"],
    "kf_init_frame_count": ["10"],
    "kf_node_indices": ["0, 1,2"],
    "oks_errors": ["1"],
    "oks_score_weighting": ["True"],
    "oks_normalization": ["all"],
    "min_new_track_points": ["1"],
    "min_match_points": ["1"],
    "img_scale": ["0.5"],
    "of_window_size": ["21"],
    "of_max_levels": ["3"],
    "appearance": ["1"],
}
ANY_TRACKING = st.fixed_dictionaries(
    {"tracker": st.sampled_from(TRACKING["tracker"])}
).flatmap(
    lambda fixed: st.sets(st.sampled_from(sorted(set(TRACKING) - {"tracker"}))).flatmap(
        lambda names: st.fixed_dictionaries(
            {name: st.sampled_from(TRACKING[name]) for name in names}
        ).map(lambda others: {**fixed, **others})
    )
)


@given(ANY_TRACKING, st.sampled_from(sorted(HELP_OF)))
def test_no_tracking_option_that_the_version_lacks_is_ever_emitted(options, version):
    given_options = [("tracking." + name, value) for name, value in options.items()]
    argv, refused = (), ""
    try:
        argv = predict(version, tracking=given_options)
    except RemoteError as error:
        refused = str(error)
    assert argv or "Nothing was submitted" in refused
    assert options_of(argv) <= known_options(version)
    assert_words_are_known(argv, version)


#: Options whose help says which words they take.
WORDS = ("tracking.tracker", "tracking.similarity")


def assert_words_are_known(argv, version):
    text = " ".join((HELP / HELP_OF[version]).read_text("utf-8").split())
    for name in WORDS:
        if "--" + name in argv:
            said = re.search(
                r"--{0} {1} .*?Options: (.*?) \(default".format(
                    re.escape(name), re.escape(name.upper())
                ),
                text,
            )
            assert argv[argv.index("--" + name) + 1] in said.group(1).split(", ")


@pytest.mark.parametrize(
    ("version", "refused"),
    [
        ("1.3.1", "tracker simplemaxtracks"),
        ("1.3.1", "option tracking.max_tracks"),
        ("1.3.4", "similarity object_keypoint"),
        ("1.3.4", "option tracking.oks_errors"),
        ("1.6.6", "option tracking.kf_init_frame_count"),
        ("1.6.6", "similarity normalized_instance"),
    ],
)
def test_the_refusal_says_what_is_lacking(version, refused):
    kind, _, what = refused.partition(" ")
    asked = {"tracker": "simple"}
    if kind == "option":
        asked[what.replace("tracking.", "")] = "1"
    else:
        asked[kind] = what
    with pytest.raises(RemoteError, match="has no {}".format(re.escape(refused))):
        predict(version, tracking=sorted(asked.items()))


def test_a_limit_of_tracks_chooses_the_tracker_that_has_one():
    asked = [("tracking.tracker", "flow"), ("tracking.max_tracks", "3")]
    argv = predict("1.4.1", tracking=asked)
    assert argv[argv.index("--tracking.tracker") + 1] == "flowmaxtracks"
    assert argv[argv.index("--tracking.max_tracking") + 1] == "1"


def test_connecting_breaks_needs_the_number_of_animals():
    asked = [("tracker", "simple"), ("post_connect_single_breaks", "True")]
    with pytest.raises(RemoteError, match="number of animals"):
        predict("1.6.6", tracking=asked)
    for options, more in (((("max_instances", "2"),), []), ((), [("max_tracks", "2")])):
        argv = predict("1.6.6", tracking=asked + more, options=options)
        assert argv[argv.index("--tracking_target_instance_count") + 1] == "2"


def test_the_dialogs_words_are_spelled_as_the_command_wants_them():
    asked = [("tracker", "simple"), ("similarity", "object keypoint")]
    argv = predict("1.4.1", tracking=asked)
    assert argv[argv.index("--tracking.similarity") + 1] == "object_keypoint"


def test_current_sleap_is_given_the_video_and_never_the_project_with_an_index():
    for version in ("1.6.3", "1.6.6"):
        argv = predict(version)
        assert argv[argv.index("--data_path") + 1] == "/ceph/v.mp4"
        assert "--video_index" not in argv


@pytest.mark.parametrize("version", sorted(HELP_OF))
def test_of_a_small_project_all_frames_are_predicted_on(version):
    argv = predict_argv(["/m"], "/ceph/in.slp", "o.slp", version=version, frames="1,5")
    assert "--frames" not in argv
    assert "/ceph/in.slp" in argv


def test_no_argument_is_longer_than_the_system_takes():
    longest = ""
    for count in (10, 1000, 14285, 50000):
        text = ",".join(str(100000 + 2 * n) for n in range(count))
        fits = fits_argument(read_frames(text))
        if fits:
            longest = max(predict(frames=text), key=len)
        else:
            with pytest.raises(RemoteError, match="more than a command line holds"):
                predict(frames=text)
    assert 90000 < len(longest) < 131072


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
