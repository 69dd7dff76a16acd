"""Rendered scripts: their text, and their life in a real bash with stub programs."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.causes import ScriptExit
from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import Job, JobKind, JobState, Task
from sleap_remote_plugin.jobs.package import ModelSpec, TrainingPackage
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.record import (
    WITNESS_FOLDER,
    read_witness,
    witness_report,
)
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.slurm import script

BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(not BASH, reason="needs bash")

LEGACY = SleapModule("SLEAP/2023-08-01", "1.3.1")
CURRENT = SleapModule("SLEAP/2026-05-08", "1.6.6")
NASTY = 'lab\'s "best" $HOME `x` ü 鼠 (1)'

STUB = r"""#!/bin/bash
name=$(basename "$0")
printf '%s\0' "$name" "$@" >> "$STUB_LOG"
printf 'END\0' >> "$STUB_LOG"
case "$*" in *"$STUB_FAIL"*) exit 7 ;; esac
[ -z "$STUB_SLEEP" ] || { echo "$$" > "$STUB_LOG.pid"; exec sleep "$STUB_SLEEP"; }
while [ $# -gt 0 ]; do
  [ "$1" = -o ] && [ -z "$STUB_EMPTY" ] && echo data > "$2"
  shift
done
exit 0
"""
PROFILE = r"""
export PATH=$STUB_TOOLS:$PATH
module() {
  echo "module $*" >&2
  case "$1" in
    purge) LOADEDMODULES= ;;
    load)
      [ -n "$STUB_NO_MODULE" ] && return 1
      [ -n "$STUB_SILENT_MODULE" ] && return 0
      export LOADEDMODULES=cuda/11.8:$2
      export PATH=$STUB_BIN:$PATH ;;
  esac
}
"""


class Cluster:
    """A folder with stub programs, and a way to run a script as SLURM would."""

    def __init__(self, root: Path) -> None:
        self.bin = root / "bin"
        self.bin.mkdir()
        for name in ("sleap", "sleap-train", "sleap-track"):
            (self.bin / name).write_text(STUB)
            (self.bin / name).chmod(0o755)
        self.home = root / "home"
        self.home.mkdir()
        (self.home / ".bash_profile").write_text(PROFILE)
        self.folder = root / NASTY
        self.folder.mkdir()
        self.log = root / "calls"
        self.tools = root / "tools"
        self.tools.mkdir()

    def env(self, **extra):
        found = {
            "HOME": str(self.home),
            "PATH": "/usr/bin:/bin",
            "STUB_TOOLS": str(self.tools),
            "STUB_BIN": str(self.bin),
            "STUB_LOG": str(self.log),
            "STUB_FAIL": "NEVER",
            "SLURM_JOB_ID": "41",
            "SLURM_CPUS_PER_TASK": "4",
        }
        for name in ("EMPTY", "SLEEP", "NO_MODULE", "SILENT_MODULE"):
            found["STUB_" + name] = ""
        found.update({k: str(v) for k, v in extra.items()})
        return found

    def start(self, text, **extra):
        path = self.folder / "remote-job.sbatch"
        path.write_bytes(text.encode("utf-8"))
        return subprocess.Popen(
            [BASH, "-l", str(path)],
            env=self.env(**extra),
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, text, **extra):
        process = self.start(text, **extra)
        out, _ = process.communicate(timeout=60)
        return process.returncode, out.decode("utf-8", "replace")

    def calls(self):
        if not self.log.exists():
            return []
        found = []
        for call in self.log.read_bytes().decode("utf-8").split("END\0")[:-1]:
            found.append(call.split("\0")[:-1])
        return found

    def witness(self, task="job"):
        path = self.folder / WITNESS_FOLDER / (task + ".jsonl")
        return read_witness(path.read_text("utf-8"))


@pytest.fixture
def cluster(tmp_path):
    return Cluster(tmp_path)


def training(cluster_or_folder, module=LEGACY, runs=("a.centroid", "b.centered")):
    folder = getattr(cluster_or_folder, "folder", cluster_or_folder)
    legacy = module.generation is Generation.LEGACY
    ending = "json" if legacy else "yaml"
    models = tuple(
        ModelSpec(
            "m{}.{}".format(i, ending), "head", "models/" + run, "lab $x' é.pkg.slp"
        )
        for i, run in enumerate(runs)
    )
    package = TrainingPackage(Path("."), models[0].labels, models, module.generation)
    job = Job(
        "0a1b2c3d4e",
        JobKind.TRAIN,
        "name",
        "/p.slp",
        str(folder),
        "c",
        Resources(gpus=1),
        tuple(Task("m", m.run_path) for m in models),
        module=module.name,
    )
    return job, package, module


def prediction(cluster_or_folder, videos=("/ceph/v 1.mp4",), module=LEGACY, **request):
    folder = getattr(cluster_or_folder, "folder", cluster_or_folder)
    job = Job(
        "0a1b2c3d4e",
        JobKind.PREDICT,
        "name",
        "/p.slp",
        str(folder),
        "c",
        Resources(),
        tuple(Task(v, "predictions/{} $.slp".format(i)) for i, v in enumerate(videos)),
        module=module.name,
    )
    asked = PredictionRequest(("m",), tuple(VideoInput(v) for v in videos), **request)
    return job, asked, ("/ceph/models/a n=12",), tuple(videos), module


# -- text --------------------------------------------------------------------------


def check_text(text):
    data = text.encode("utf-8")
    assert data.startswith(b"#!/bin/bash -l\n")
    assert b"\r" not in data
    assert data.endswith(b"\n")
    done = subprocess.run([BASH, "-n"], input=data, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", [LEGACY, CURRENT])
def test_scripts_ask_for_one_task_and_are_clean(module):
    text = script.render_training(*training("/ceph/x", module))
    check_text(text)
    assert "#SBATCH --ntasks=1\n" in text
    assert "#SBATCH --gres=gpu:1\n" in text
    assert "#SBATCH --comment=0a1b2c3d4e\n" in text
    assert "#SBATCH --job-name=sleap-train-0a1b2c3d4e\n" in text
    assert "module purge\n" in text


def test_a_training_is_not_requeued_and_a_prediction_is():
    assert "--no-requeue\n" in script.render_training(*training("/x"))
    assert "SBATCH --requeue\n" in script.render_prediction(*prediction("/x"))


def test_one_video_is_a_plain_job_and_several_are_an_array():
    one = script.render_prediction(*prediction("/x"))
    many = script.render_prediction(*prediction("/x", ("/a", "/b", "/c")))
    assert "--array" not in one
    assert "slurm-%j.out" in one
    assert "#SBATCH --array=0-2%8\n" in many
    assert "slurm-%A_%a.out" in many


def test_the_number_of_videos_at_once_can_be_chosen():
    job, *rest = prediction("/x", ("/a", "/b", "/c"))
    job = job.changed(resources=Resources(at_once=2))
    assert "#SBATCH --array=0-2%2\n" in script.render_prediction(job, *rest)


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ({"constraint": "[a*2&b]|c"}, ["--constraint=[a*2&b]|c"]),
        ({"begin": "now+2hours"}, ["--begin=now+2hours"]),
        ({"dependency": "afterok:4:5"}, ["--dependency=afterok:4:5"]),
        ({"mail": "a@b.c"}, ["--mail-user=a@b.c", "--mail-type=END,FAIL"]),
        ({"extra": "--nice=1\n --exclusive"}, ["--nice=1", "--exclusive"]),
    ],
)
def test_advanced_options_are_lines_for_sbatch(values, lines):
    job, package, module = training("/x")
    job = job.changed(resources=Resources(**values))
    text = script.render_training(job, package, module)
    head = text.partition("\n\n")[0].splitlines()
    assert [line for line in lines if "#SBATCH " + line not in head] == []


@pytest.mark.parametrize(
    "values",
    [{"constraint": "a b"}, {"extra": "--nice=1 2"}, {"mail": "a@b.c\n#SBATCH -t1"}],
)
def test_an_option_that_was_not_checked_before_is_refused(values):
    job, package, module = training("/x")
    with pytest.raises(RemoteError, match="Nothing was submitted"):
        script.render_training(
            job.changed(resources=Resources(**values)), package, module
        )


def test_a_job_without_a_gpu_asks_for_none():
    job, package, module = training("/x")
    text = script.render_training(
        job.changed(resources=Resources("cpu", gpus=0)), package, module
    )
    assert "gres" not in text
    assert "nvidia" not in text


def test_a_short_job_gets_no_warning_that_could_come_at_its_birth():
    job, package, module = training("/x")
    short = job.changed(resources=Resources(time=120))
    assert "--signal" not in script.render_training(short, package, module)
    assert "--signal=B:USR1@60" in script.render_training(job, package, module)


def test_excluded_nodes_are_written_as_sbatch_takes_them():
    job, package, module = training("/x")
    asked = job.changed(resources=Resources(exclude="n1, gpu-[1-3,7]"))
    text = script.render_training(asked, package, module)
    assert "\n#SBATCH --exclude=n1,gpu-[1-3,7]\n" in text


@pytest.mark.parametrize(
    "resources",
    [
        Resources(partition="gpu\n#SBATCH --uid=0"),
        Resources(partition=""),
        Resources(gpu_type="a b"),
        Resources(account="x;y"),
        Resources(qos="$(x)"),
        Resources(exclude="n1 n2"),
    ],
)
def test_nothing_unchecked_comes_into_an_sbatch_line(resources):
    job, package, module = training("/x")
    with pytest.raises(RemoteError, match="cannot be asked of SLURM"):
        script.render_training(job.changed(resources=resources), package, module)


@pytest.mark.parametrize("name", ["a\nb", "a\rb", "a\x00b", "a\udc80b", "a\u2028b"])
def test_a_path_that_no_script_can_hold_is_refused(name):
    with pytest.raises(RemoteError, match="Nothing was submitted"):
        script.render_training(*training("/ceph/" + name))
    with pytest.raises(RemoteError, match="Nothing was submitted"):
        script.render_prediction(*prediction("/ceph", ("/ceph/" + name,)))


@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_path_gives_a_clean_script_or_a_sentence(folder, video):
    try:
        text = script.render_prediction(
            *prediction("/ceph/" + folder, ("/ceph/" + video, video or "-x"))
        )
    except RemoteError as error:
        text, refusal = "", str(error)
    if text:
        check_text(text)
    else:
        assert "Nothing was submitted" in refusal


def test_a_value_without_a_filter_is_refused():
    with pytest.raises(TypeError, match="without a filter"):
        script._environment().from_string("{{ x }}").render(x="a b")


# -- life --------------------------------------------------------------------------


def test_every_argument_of_a_training_arrives_whole(cluster):
    code, out = cluster.run(script.render_training(*training(cluster)))
    assert code == 0, out
    assert cluster.calls() == [
        ["sleap-train", "--first-gpu", "m0.json", "lab $x' é.pkg.slp"],
        ["sleap-train", "--first-gpu", "m1.json", "lab $x' é.pkg.slp"],
    ]
    events = cluster.witness()
    assert [e.event for e in events] == ["started", "step", "step", "ended"]
    assert [e.index for e in events] == [-1, 0, 1, -1]
    assert {e.slurm_id for e in events} == {"41"}
    assert events[-1].exit_code == 0
    assert abs(events[0].time - time.time()) < 120
    assert witness_report(events).state is JobState.COMPLETED


def test_a_run_name_with_an_equals_sign_arrives_as_one_argument(cluster):
    job = training(cluster, CURRENT, runs=("261122_153306.centroid.n=12",))
    code, out = cluster.run(script.render_training(*job))
    assert code == 0, out
    (call,) = cluster.calls()
    assert call[-2:] == [
        'trainer_config.ckpt_dir="models"',
        'trainer_config.run_name="261122_153306.centroid.n=12"',
    ]


def test_after_a_failed_model_the_second_is_not_started(cluster):
    code, _ = cluster.run(
        script.render_training(*training(cluster)), STUB_FAIL="m0.json"
    )
    assert code == 7
    assert len(cluster.calls()) == 1
    events = cluster.witness()
    assert [(e.event, e.exit_code) for e in events[1:]] == [("step", 7), ("ended", 7)]
    assert witness_report(events).state is JobState.FAILED


def wait_for(path):
    for _ in range(400):
        if path.exists() and path.read_text().strip():
            return path.read_text().strip()
        time.sleep(0.05)
    raise AssertionError("{} never came".format(path))


def test_term_is_witnessed_at_once_and_ends_the_child(cluster):
    process = cluster.start(
        script.render_training(*training(cluster)), STUB_SLEEP="300"
    )
    child = int(wait_for(Path(str(cluster.log) + ".pid")))
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert time.monotonic() - begun < 10
    assert process.returncode == 143
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    ends = [e for e in cluster.witness() if e.event == "ended"]
    assert [(e.signal, e.exit_code) for e in ends] == [("TERM", 143)]
    assert witness_report(cluster.witness()).state is JobState.FINISHING


def test_the_warning_before_the_time_limit_ends_nothing(cluster):
    process = cluster.start(script.render_training(*training(cluster)), STUB_SLEEP="2")
    wait_for(Path(str(cluster.log) + ".pid"))
    process.send_signal(signal.SIGUSR1)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    events = [e.event for e in cluster.witness()]
    assert events == ["started", "time_limit", "step", "step", "ended"]
    assert [e.exit_code for e in cluster.witness()][2:] == [0, 0, 0]


def test_a_witness_that_cannot_be_written_keeps_what_it_has(cluster):
    text = script.render_training(*training(cluster))
    witness = cluster.folder / WITNESS_FOLDER
    witness.mkdir()
    (witness / "job.jsonl").write_text('{"event": "started", "job": "41"}\n')
    (witness / "job.jsonl.step.part").mkdir()  # as a full disk would
    code, out = cluster.run(text)
    assert code == 0
    assert "cannot be written" in out
    assert [e.event for e in cluster.witness()] == ["started", "started", "ended"]


def test_the_end_by_the_time_limit_is_told_apart_from_a_cancel(cluster):
    job, package, module = training(cluster)
    short = job.changed(resources=Resources(time=1))
    process = cluster.start(
        script.render_training(short, package, module), STUB_SLEEP="300"
    )
    wait_for(Path(str(cluster.log) + ".pid"))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert witness_report(cluster.witness()).state is JobState.TIMED_OUT


def test_a_script_that_was_saved_runs_as_often_as_it_is_submitted_by_hand(cluster):
    text = script.render_training(*training(cluster), by_hand=True)
    check_text(text)
    for number in ("41", "42"):
        code, out = cluster.run(text, SLURM_JOB_ID=number)
        assert code == 0, out
    assert len(cluster.calls()) == 4
    assert not list((cluster.folder / WITNESS_FOLDER).glob("owner.*"))
    plain = script.render_training(*training(cluster))
    assert [line for line in text.splitlines() if line.startswith("#SBATCH")] == [
        line for line in plain.splitlines() if line.startswith("#SBATCH")
    ]


def test_a_second_job_with_the_same_uid_does_nothing(cluster):
    text = script.render_training(*training(cluster))
    assert cluster.run(text)[0] == 0
    before = cluster.witness()
    code, out = cluster.run(text, SLURM_JOB_ID="42")
    assert code == ScriptExit.SECOND_RUN
    assert "as SLURM job 41" in out
    assert len(cluster.calls()) == 2
    assert cluster.witness() == before


def test_a_restart_of_the_same_job_runs_and_puts_the_half_run_aside(cluster):
    (cluster.folder / "models" / "a.centroid").mkdir(parents=True)
    text = script.render_training(*training(cluster))
    assert cluster.run(text)[0] == 0
    assert cluster.run(text, SLURM_RESTART_COUNT="1")[0] == 0
    assert (cluster.folder / "models" / "a.centroid.interrupted-1").is_dir()
    assert witness_report(cluster.witness()).restarts == 1


@pytest.mark.parametrize("way", ["STUB_NO_MODULE", "STUB_SILENT_MODULE"])
def test_a_missing_module_ends_with_its_own_code(cluster, way):
    code, _ = cluster.run(script.render_training(*training(cluster)), **{way: "1"})
    assert code == ScriptExit.MODULE
    assert cluster.witness()[-1].exit_code == ScriptExit.MODULE
    assert cluster.calls() == []


def test_a_module_without_sleap_ends_with_its_own_code(cluster):
    (cluster.bin / "sleap-train").unlink()
    code, _ = cluster.run(script.render_training(*training(cluster)))
    assert code == ScriptExit.SLEAP


@pytest.mark.parametrize(
    ("smi", "code"),
    [
        (None, 0),
        ("echo 'GPU 0: NVIDIA A4500'", 0),
        ("echo 'No devices were found'; exit 6", ScriptExit.GPU),
        ("exit 9", ScriptExit.GPU),
    ],
)
def test_only_an_nvidia_smi_that_sees_no_gpu_ends_the_job(cluster, smi, code):
    if smi:
        (cluster.tools / "nvidia-smi").write_text("#!/bin/bash\n" + smi + "\n")
        (cluster.tools / "nvidia-smi").chmod(0o755)
    assert cluster.run(script.render_training(*training(cluster)))[0] == code


def test_a_missing_folder_ends_with_its_own_code(cluster):
    text = script.render_training(*training("/nowhere at all"))
    assert cluster.run(text)[0] == ScriptExit.FOLDER


def test_a_prediction_appears_whole_under_its_own_name(cluster):
    code, out = cluster.run(script.render_prediction(*prediction(cluster)))
    assert code == 0, out
    (call,) = cluster.calls()
    assert call[:4] == ["sleap-track", "/ceph/v 1.mp4", "-m", "/ceph/models/a n=12"]
    assert call[-1].endswith(".slp")
    names = {p.name for p in (cluster.folder / "predictions").iterdir()}
    assert names == {"0 $.slp"}


def test_each_task_of_an_array_does_its_own_video(cluster):
    text = script.render_prediction(*prediction(cluster, ("/a.mp4", "/b $'.mp4")))
    extra = {"SLURM_ARRAY_JOB_ID": "40", "SLURM_ARRAY_TASK_ID": "1"}
    code, out = cluster.run(text, **extra)
    assert code == 0, out
    assert cluster.calls()[0][1] == "/b $'.mp4"
    events = cluster.witness("1")
    assert {(e.slurm_id, e.task) for e in events} == {("40", "1")}
    assert events[1].index == 1
    # The other task is of the same job, not a second run of it.
    extra["SLURM_ARRAY_TASK_ID"] = "0"
    assert cluster.run(text, **extra)[0] == 0


def test_a_task_that_is_not_there_ends_with_its_own_code(cluster):
    text = script.render_prediction(*prediction(cluster, ("/a.mp4", "/b.mp4")))
    extra = {"SLURM_ARRAY_JOB_ID": "40", "SLURM_ARRAY_TASK_ID": "9"}
    assert cluster.run(text, **extra)[0] == ScriptExit.TASK


def test_a_prediction_that_wrote_nothing_is_no_success(cluster):
    text = script.render_prediction(*prediction(cluster))
    code, _ = cluster.run(text, STUB_EMPTY="1")
    assert code == ScriptExit.OUTPUT
    assert cluster.witness()[-1].exit_code == ScriptExit.OUTPUT


def test_a_failed_prediction_keeps_the_one_before(cluster):
    text = script.render_prediction(*prediction(cluster))
    (cluster.folder / "predictions").mkdir()
    (cluster.folder / "predictions" / "0 $.slp").write_text("old")
    assert cluster.run(text, STUB_FAIL="v 1")[0] == 7
    assert (cluster.folder / "predictions" / "0 $.slp").read_text() == "old"


def test_witness_lines_are_json_even_on_a_node_with_an_odd_name(cluster):
    (cluster.tools / "hostname").write_text("#!/bin/bash\necho 'n\"1 $x'\n")
    (cluster.tools / "hostname").chmod(0o755)
    cluster.run(script.render_training(*training(cluster)))
    path = cluster.folder / WITNESS_FOLDER / "job.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert {line["host"] for line in lines} == {"n1x"}


def test_the_log_says_what_was_run(cluster):
    _, out = cluster.run(script.render_training(*training(cluster)))
    assert re.search(r"^\+ sleap-train --first-gpu m0.json", out, re.M)
