"""Hostile names in what is sent to SLURM: in a real bash, nothing of them runs."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sleap_remote_plugin.errors import RemoteError
from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.sleap_cli import predict_argv
from sleap_remote_plugin.slurm import commands, modules, script
from sleap_remote_plugin.ssh.local import LocalTransport
from tests.slurm.test_script import BASH, LEGACY, Cluster, prediction, training

pytestmark = pytest.mark.skipif(not BASH, reason="needs bash")

FRAGMENTS = st.sampled_from(
    [
        "$(pwned)",
        "`pwned`",
        ";pwned;",
        "'; pwned; '",
        '"; pwned; "',
        "&& pwned",
        "| pwned",
        "> pwned",
        "$IFS",
        "${HOME}",
        "-rf",
        "--",
        "#",
        "~",
        "*",
        "\\",
        "!!",
        " ",
        "%j",
        "{a,b}",
        "{{ 7*7 }}",
        "{% raw %}",
        "é鼠",
        "x",
    ]
)
HOSTILE = st.lists(FRAGMENTS, min_size=1, max_size=5).map("".join)
NAME = HOSTILE.filter(lambda text: text not in (".", "..") and len(text.encode()) < 200)
FEW = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def trapped(tmp_path):
    """A stub cluster on which `pwned` leaves a file behind."""
    made = Cluster(tmp_path)
    made.pwned = tmp_path / "pwned"
    for folder in (made.tools, made.bin):
        (folder / "pwned").write_text("#!/bin/sh\n: > '{}'\n".format(made.pwned))
        (folder / "pwned").chmod(0o755)
    return made


def move_to(cluster, name):
    shutil.rmtree(str(cluster.folder))
    cluster.folder = cluster.home.parent / name
    cluster.folder.mkdir()
    if cluster.log.exists():
        cluster.log.unlink()


def test_the_trap_snaps_where_something_is_not_quoted(trapped):
    trapped.run("echo $(pwned)\n")

    assert trapped.pwned.exists()


def test_names_of_folder_video_and_model_run_nothing_in_a_prediction(trapped):
    @FEW
    @given(NAME, NAME, NAME)
    def run_nothing(folder, video, model):
        move_to(trapped, "p " + folder)
        job, asked, _, videos, module = prediction(trapped, (video,))
        models = ("/ceph/" + model,)
        text = script.render_prediction(job, asked, models, videos, module)

        _, out = trapped.run(text)

        assert not trapped.pwned.exists()
        wanted = predict_argv(
            models, video, "predictions/.part.0 $.slp", version="1.3.1"
        )
        assert trapped.calls() == [list(wanted)], out

    run_nothing()


def test_names_of_folder_and_run_run_nothing_in_a_training(trapped):
    @FEW
    @given(NAME, NAME)
    def run_nothing(folder, run):
        move_to(trapped, "t " + folder)
        text = script.render_training(
            *training(trapped, LEGACY, ("a" + run, "b" + run))
        )

        code, out = trapped.run(text)

        assert not trapped.pwned.exists()
        assert (code, len(trapped.calls())) == (0, 2), out

    run_nothing()


def test_the_name_of_a_module_runs_nothing_in_a_script(trapped):
    @FEW
    @given(HOSTILE)
    def run_nothing(name):
        job, package, _ = training(trapped)
        module = SleapModule(name, "1.3.1")
        trapped.run(script.render_training(job, package, module))
        assert not trapped.pwned.exists()

    run_nothing()


@given(st.text(min_size=1, max_size=20))
def test_a_module_gives_a_script_or_a_sentence(name):
    job, package, _ = training("/ceph/x")
    try:
        text = script.render_training(job, package, SleapModule(name, "1.3.1"))
    except RemoteError as error:
        text = str(error)
    assert "module load" in text or "Nothing was submitted" in text


@pytest.fixture
def login_shell(trapped, monkeypatch):
    """Commands as they are sent; sbatch and module tell their words."""
    (trapped.tools / "sbatch").write_text('#!/bin/sh\nprintf "%s\\0" "$@"\n')
    (trapped.tools / "python").write_text("#!/bin/sh\n")
    for name in ("sbatch", "python"):
        (trapped.tools / name).chmod(0o755)
    profile = 'PATH="{}:$PATH"\n'.format(trapped.tools)
    profile += 'module() { printf "%s\\0" "$@"; }\n'
    (trapped.home / ".bash_profile").write_text(profile)
    monkeypatch.setenv("HOME", str(trapped.home))
    return LocalTransport()


def words(result):
    return result.stdout.split("\0")[:-1]


def test_a_submission_from_a_hostile_folder_runs_nothing(login_shell, trapped):
    @FEW
    @given(HOSTILE)
    def run_nothing(name):
        folder = "/ceph/" + name
        told = words(login_shell.run(commands.submit(folder + "/job.sbatch", folder)))
        assert told[-2:] == ["--chdir=" + folder, folder + "/job.sbatch"]
        assert not trapped.pwned.exists()

    run_nothing()


def test_asking_for_a_hostile_module_runs_nothing(login_shell, trapped):
    @FEW
    @given(HOSTILE)
    def run_nothing(name):
        told = words(login_shell.run(commands.module_avail(name)))
        assert told == ["-t", "avail", name]
        login_shell.run(modules.list_modules(name))
        login_shell.run(modules.ask_modules([name], 5, 5))
        assert not trapped.pwned.exists()

    run_nothing()
