"""When SLURM's commands on this machine are those of the profile's cluster."""

from __future__ import annotations

import shutil
import time

import pytest

from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.paths import Mount, MountMap
from sleap_remote_plugin.jobs.resources import Partition, Resources
from sleap_remote_plugin.session import this_machine
from sleap_remote_plugin.session.opening import open_session
from sleap_remote_plugin.session.this_machine import look_here, without_ssh
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.local import LocalTransport

PROGRAMS = {
    "sbatch": "echo submitted\n",
    "squeue": "",
    "scontrol": "echo 'Configuration data'\necho 'ClusterName             = {name}'\n",
    "sinfo": "echo 'gpu*|up|4-00:00:00|8|64000|gpu:a4500:2|idle|2'\n"
    "echo 'cpu|up|10-00:00:00|8|64000|(null)|idle|1'\n",
}
MODULES = "module() {{ printf '/modules:\\n%s\\n' {modules} >&2; }}\n"


@pytest.fixture
def desktop(tmp_path, monkeypatch):
    """A machine with stand-ins for SLURM's commands, and a disk of the cluster."""

    def make(name="hpc", modules="SLEAP/2023-08-01", programs=PROGRAMS):
        folder = tmp_path / "slurm"
        folder.mkdir()
        for program, text in programs.items():
            path = folder / program
            path.write_text("#!/bin/sh\n" + text.format(name=name))
            path.chmod(0o755)
        for tool in ("bash", "sh", "sleep"):  # and not the machine's own SLURM
            (folder / tool).symlink_to(shutil.which(tool))
        home = tmp_path / "home"
        home.mkdir()
        lines = 'PATH="{}"\n'.format(folder) + MODULES.format(modules=modules)
        (home / ".bash_profile").write_text(lines)
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("PATH", "/usr/bin:/bin")

    (tmp_path / "disk").mkdir()
    return make


@pytest.fixture
def profile(tmp_path):
    def make(**changed):
        fields = {
            "name": "lab",
            "title": "Lab",
            "login": Address("127.0.0.1", 1),
            "mounts": (Mount("/mnt/disk", str(tmp_path / "disk")),),
            "modules": (SleapModule("SLEAP/2023-08-01"), SleapModule("SLEAP/2")),
            "defaults": (
                ((JobKind.TRAIN, Generation.LEGACY), Resources(partition="gpu")),
            ),
            "limits": (Partition("cpu"),),
        }
        fields.update(changed)
        return ClusterProfile(**fields)

    return make


def look(profile):
    return look_here(profile, LocalTransport())


def test_a_machine_of_the_named_cluster_needs_no_ssh(desktop, profile):
    desktop(name="hpc")

    found = look(profile(slurm_cluster="hpc", modules=(), defaults=(), limits=()))

    assert found.is_here
    assert "hpc" in found.why


def test_a_machine_of_another_cluster_is_never_used(desktop, profile):
    desktop(name="other")

    found = look(profile(slurm_cluster="hpc"))

    assert not found.is_here
    assert "other" in found.why


def test_without_a_name_disks_partitions_and_modules_tell(desktop, profile):
    desktop()

    assert look(profile()).is_here


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"limits": (Partition("fast"),)}, "no partition fast"),
        ({"modules": (SleapModule("SLEAP/2"),)}, "none of its modules"),
        ({"modules": (SleapModule("SLEAP"),)}, "names no partitions and modules"),
        ({"modules": ()}, "names no partitions and modules"),
        ({"defaults": (), "limits": ()}, "names no partitions and modules"),
        ({"mounts": (Mount("", "{disk}"), Mount("", "/no/disk"))}, "/no/disk is not"),
    ],
)
def test_one_thing_that_does_not_fit_is_enough_for_ssh(
    desktop, profile, tmp_path, changed, why
):
    desktop()
    if "mounts" in changed:
        mounts = [
            Mount(m.local, m.cluster.format(disk=tmp_path / "disk"))
            for m in changed["mounts"]
        ]
        changed = {"mounts": tuple(mounts)}

    found = look(profile(**changed))

    assert not found.is_here
    assert why in found.why
    assert "slurm_cluster: hpc" in found.why


@pytest.mark.parametrize("missing", ["sbatch", "squeue"])
def test_without_slurms_commands_there_is_nothing_to_tell(desktop, profile, missing):
    desktop(programs={k: v for k, v in PROGRAMS.items() if k != missing})

    assert look(profile(slurm_cluster="hpc")) == (False, "")


def test_a_laptop_starts_no_shell_to_find_out(profile):
    class NoShell(LocalTransport):
        def run(self, *words, **more):
            raise AssertionError("it was asked")

    assert look_here(profile(mounts=(Mount("/x", "/no/disk"),)), NoShell()) == (
        False,
        "",
    )


def test_a_slurm_that_does_not_answer_is_not_used(desktop, profile):
    desktop(programs={**PROGRAMS, "scontrol": "exit 1\n"})

    found = look(profile(slurm_cluster="hpc"))

    assert not found.is_here
    assert "does not answer" in found.why


@pytest.mark.parametrize("program", ["scontrol", "sinfo"])
def test_a_slurm_that_hangs_is_left_in_time(desktop, profile, monkeypatch, program):
    monkeypatch.setattr(this_machine, "_DEADLINE", 1.5)
    desktop(programs={**PROGRAMS, program: "sleep 600\n"})

    found = look(profile())

    assert not found.is_here
    assert "not used" in found.why


def test_a_disk_that_hangs_is_left_in_time(profile, monkeypatch):
    monkeypatch.setattr(this_machine, "_DEADLINE", 0.2)
    found = look_here(profile(), LocalTransport(), lambda path: time.sleep(600))

    assert not found.is_here


def test_there_the_disks_have_the_clusters_own_names(profile, tmp_path):
    disk = str(tmp_path / "disk")

    made = without_ssh(profile())

    assert (made.login, made.jump) == (None, ())
    assert MountMap(made.mounts).to_local(disk + "/a") == disk + "/a"
    assert str(MountMap(made.mounts).to_cluster("/mnt/disk/a")) == disk + "/a"


@pytest.fixture
def own_folders(tmp_path, monkeypatch):
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


def test_a_session_there_uses_no_ssh_and_says_why(desktop, profile, own_folders):
    desktop()

    session = open_session(profile(slurm_cluster="hpc"))

    assert isinstance(session.transport, LocalTransport)
    assert session.profile.login is None
    assert "no SSH" in session.transport.log_lines()[0]
    assert session.transport.run(["sbatch"]).stdout.startswith("submitted")


def test_a_profile_that_was_completed_there_stays_without_ssh(
    desktop, profile, own_folders
):
    desktop()
    session = open_session(profile(slurm_cluster="hpc"))

    session.use_profile(profile(slurm_cluster="hpc", user="jane"))

    assert session.profile.login is None


def test_a_session_elsewhere_uses_ssh_and_says_why(desktop, profile, own_folders):
    desktop(name="other")

    session = open_session(profile(slurm_cluster="hpc"))

    assert isinstance(session.transport, SSHTransport)
    assert "SSH is used" in session.transport.log_lines()[0]
