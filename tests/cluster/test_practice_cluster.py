"""The practice cluster is a real one, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.practice import CHECKOUT, bring_up, command

pytestmark = [
    pytest.mark.alone,  # it looks for what a cluster leaves on the machine
    pytest.mark.cluster,
    pytest.mark.skipif(
        sys.version_info < (3, 8) and (CHECKOUT / ".venvs" / "sleap16").is_dir(),
        reason="The cluster is the same for both: it is tested once, beside SLEAP 1.6.",
    ),
]

BATCH = "#!/bin/bash -l\n"


def machine():
    """What of a cluster could be left on this machine: mounts, links, processes..."""

    def said(*words):
        done = subprocess.run(words, stdout=subprocess.PIPE, universal_newlines=True)
        return sorted(done.stdout.splitlines())

    cgroups = [str(p) for p in Path("/sys/fs/cgroup").glob("*/practice-cluster-*")]
    return {
        "mounts": sorted(Path("/proc/self/mounts").read_text().splitlines()),
        "namespaces": said("ip", "netns"),
        "links": [re.sub(r"^[0-9]+", "", x) for x in said("ip", "-br", "link")],
        "routes": said("ip", "route"),
        "cgroups": sorted(cgroups),
        "folders": sorted(os.listdir("/mnt")),
    }


def marked_with(state):
    """Processes that carry the mark of the cluster whose state is there."""
    from practice_cluster.processes import CLUSTER_MARK

    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                environment = Path("/proc", entry, "environ").read_bytes()
            except OSError:
                continue
            mark = "{}={}".format(CLUSTER_MARK, state).encode()
            if mark in environment.split(b"\0"):
                found.append(entry)
    return found


def only(found, name):
    """Of what `machine` found, what bears this name (others may work here too)."""
    return {
        kind: [line for line in lines if name in line] for kind, lines in found.items()
    }


def submit(practice, folder, text, *options):
    """Run a batch script to its end; return its job id and its output."""
    local, cluster = folder
    (local / "job.sh").write_text(BATCH + text)
    words = ["sbatch", "--parsable", "--wait", "--chdir", cluster, "-o", "out.txt"]
    done = practice.run("gateway", words + list(options) + [cluster + "/job.sh"])
    return done.stdout.strip(), (local / "out.txt").read_text()


@pytest.fixture
def own_name(practice_cluster_possible):
    """A name for a cluster of the test's own, which is surely taken down."""
    return "u{}".format(os.getpid())


@pytest.fixture
def place(own_name, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    yield tmp_path
    command("down", "--name", own_name, "--state", tmp_path / "state")


def test_up_then_down_leaves_nothing_behind(own_name, place):
    before = machine()
    settings = bring_up(own_name, place / "state")
    assert Path(settings.profile).exists()
    assert settings.status()["up"]
    done = command("down", "--name", own_name, "--state", place / "state")
    assert done.returncode == 0, done.stderr
    assert only(machine(), own_name) == only(before, own_name)
    assert not marked_with(settings.state)
    assert not any(place.iterdir())


def test_up_is_quick_and_a_second_up_changes_nothing(own_name, place):
    start = time.monotonic()
    first = bring_up(own_name, place / "state")
    assert time.monotonic() - start < 30
    again = command("up", "--name", own_name, "--state", place / "state")
    assert again.returncode == 0, again.stderr
    from practice_cluster.settings import load

    assert load(own_name, str(place / "state")) == first


@pytest.mark.parametrize("seconds", [0.3, 1.2, 2.5])
def test_an_up_that_is_killed_does_not_block_the_next(own_name, place, seconds):
    from practice_cluster.settings import PROGRAM

    words = [str(PROGRAM), "up", "--name", own_name, "--state", str(place / "state")]
    words += ["--range", "10.219.0.0/22"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    settings = bring_up(own_name, place / "state")
    assert settings.run("gateway", ["hostname"]).stdout == "gateway\n"
    command("down", "--name", own_name, "--state", place / "state")
    assert not any(any(lines) for lines in only(machine(), own_name).values())
    assert not marked_with(settings.state)


def test_a_second_cluster_runs_beside_the_first(practice, own_name, place):
    second = bring_up(own_name, place / "state")
    assert second.range != practice.range
    for settings in (practice, second):
        asked = settings.run("gateway", ["scontrol", "show", "config"]).stdout
        assert re.search(r"ClusterName\s+= " + settings.name, asked)
    assert command("down", "--name", own_name, "--state", second.state).returncode == 0
    assert practice.status()["up"]


def test_a_range_that_is_in_use_is_refused_in_a_sentence(practice, own_name, place):
    words = ("--name", own_name, "--state", place / "state")
    done = command("up", *words, "--range", practice.range)
    assert done.returncode == 1
    assert "in use on this machine" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (place / "state").exists()


def test_a_mount_point_with_files_in_it_is_refused(practice, own_name, place):
    (place / "taken").mkdir()
    (place / "taken" / "precious.slp").write_text("mine")
    words = ("--name", own_name, "--state", place / "state", "--range", "10.219.0.0/22")
    done = command("up", *words, "--mount", place / "taken")
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert (place / "taken" / "precious.slp").read_text() == "mine"


def test_status_of_a_cluster_that_is_not_up_says_how_to_start_it(own_name, place):
    done = command("status", "--name", own_name, "--state", place / "state")
    assert done.returncode == 1
    assert "practice-cluster up" in done.stderr


def test_the_gateway_is_reached_through_the_bastion_only(practice, ssh):
    assert ssh("gateway", "hostname").stdout == "gateway\n"
    straight = ssh("straight-to-gateway", "hostname")
    assert straight.returncode == 255
    assert "timed out" in straight.stderr


def test_host_keys_are_the_ones_that_status_tells(practice):
    told = practice.status()["fingerprints"]
    scanned = subprocess.run(
        ["ssh-keygen", "-l", "-f", practice.known_hosts],
        stdout=subprocess.PIPE,
        universal_newlines=True,
    ).stdout
    for host in ("bastion", "gateway"):
        for fingerprint in told[host].values():
            assert fingerprint in scanned


@pytest.mark.parametrize(
    ("way", "asked"),
    [
        ("any", "publickey,password,keyboard-interactive"),
        ("key", "publickey"),
        ("password", "password"),
        ("keyboard-interactive", "keyboard-interactive"),
        ("key+keyboard-interactive", "publickey"),
    ],
)
def test_each_port_of_the_bastion_asks_for_its_way_of_signing_in(
    practice, ssh, way, asked
):
    port = str(practice.sign_in_ports[way])
    done = ssh("bastion", "true", "-p", port, "-o", "PreferredAuthentications=none")
    assert "Permission denied ({})".format(asked) in done.stderr


def test_the_password_is_the_owners_secret(practice):
    mode = Path(practice.state, "settings.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert len(practice.password) >= 12


def test_a_job_completes_and_accounting_knows_it(practice, folder):
    options = ["-p", "gpu", "--gres=gpu:2", "--comment", "a comment"]
    job, output = submit(
        practice, folder, "echo $CUDA_VISIBLE_DEVICES; hostname", *options
    )
    assert output.split()[0] == "0,1"
    assert output.split()[1] in practice.nodes
    words = ["sacct", "-X", "-n", "-P", "-j", job, "-o", "State,ExitCode,Comment"]
    assert practice.run("gateway", words).stdout == "COMPLETED|0:0|a comment\n"


def test_jobs_start_within_two_seconds(practice, folder):
    job, _ = submit(practice, folder, "true", "-p", "cpu")
    words = ["sacct", "-X", "-n", "-P", "-j", job, "-o", "Submit,Start"]
    submitted, started = practice.run("gateway", words).stdout.strip().split("|")
    seconds = [
        time.mktime(time.strptime(moment, "%Y-%m-%dT%H:%M:%S"))
        for moment in (submitted, started)
    ]
    assert seconds[1] - seconds[0] <= 2


def test_partitions_have_their_limits(practice):
    words = ["sinfo", "-h", "-o", "%R %l %G"]
    lines = practice.run("gateway", words).stdout.splitlines()
    assert "gpu 4-00:00:00 gpu:rtx2080:2" in lines
    assert "gpu 4-00:00:00 gpu:a4500:2" in lines
    assert "fast 3:00:00 (null)" in lines
    assert {line.split()[0] for line in lines} == set(practice.partitions)


def test_a_job_over_its_memory_is_out_of_memory(practice, folder):
    from practice_cluster.hosts import can_use_cgroups

    if not can_use_cgroups():
        pytest.skip("This machine has no cgroup v1: memory limits are not enforced.")
    hungry = "python3 -c 'x = bytearray(400 << 20); print(len(x))'"
    job, _ = submit(practice, folder, "exec " + hungry, "--mem=100M")
    words = ["sacct", "-X", "-n", "-P", "-j", job, "-o", "State"]
    assert practice.run("gateway", words).stdout == "OUT_OF_MEMORY\n"


def test_files_belong_to_their_side_whoever_wrote_them(practice, folder):
    local, cluster = folder
    (local / "from_laptop").write_text("a")
    practice.run("gateway", ["touch", cluster + "/from_cluster"])
    for name in ("from_laptop", "from_cluster"):
        assert (local / name).stat().st_uid == practice.laptop_uid
        asked = practice.run("gateway", ["stat", "-c", "%U %G", cluster + "/" + name])
        assert asked.stdout == "{0} {0}\n".format(practice.user)


def test_the_laptop_and_the_cluster_name_the_disk_differently(practice):
    assert practice.local_mount != practice.cluster_mount
    assert not Path(practice.cluster_mount, "apps").exists()
    asked = practice.run("gateway", ["ls", practice.local_mount])
    assert "modulefiles" not in asked.stdout
    assert practice.run("bastion", ["ls", practice.cluster_mount]).returncode != 0


def test_modules_are_offered_for_the_environments_that_exist(practice, ssh):
    done = ssh("gateway", "bash -lc 'module -t avail SLEAP'")
    listed = [line for line in done.stderr.splitlines() if line.startswith("SLEAP/")]
    assert sorted(listed) == sorted(practice.modules.values())
    assert set(practice.modules.values()) == set(practice.sleap_versions)


@pytest.mark.parametrize("generation", ["legacy", "current"])
def test_a_job_finds_sleap_by_its_module(practice, folder, generation):
    if generation not in practice.modules:
        pytest.skip("The environment of this generation of SLEAP is not built.")
    module = practice.modules[generation]
    text = "module purge\nmodule load {} || exit 9\nsleap-train --help".format(module)
    text += '\npython -c "import sleap; print(sleap.__version__)"'
    _, output = submit(practice, folder, text, "-p", "gpu", "-c", "2", "--mem=8G")
    assert output.strip().splitlines()[-1] == practice.sleap_versions[module]


def test_the_profile_says_where_everything_is(practice):
    text = Path(practice.profile).read_text()
    for fact in (practice.bastion_host, practice.local_mount, practice.user):
        assert fact in text
    assert practice.password not in text
    for module in practice.modules.values():
        assert module in text


def asks(line):
    return lambda practice, ssh: ssh("gateway", line)


def on_disk(practice, ssh):
    path = Path(practice.local_mount, "probe")
    program = "import sys; open(sys.argv[1], 'w').write('x' * 100000)"
    return subprocess.run(
        [sys.executable, "-c", program, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )


def on_mount(practice, ssh):
    return subprocess.run(
        ["ls", practice.local_mount + "/apps"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )


FAULTS = [
    ("slurmctld", asks("scontrol ping | grep -q UP || echo down >&2; false"), "down"),
    ("slurmdbd", asks("sacct -X"), "Connection refused"),
    ("mariadb", asks("sacct -X"), "Unable to connect to database"),
    ("network", asks("true"), "timed out"),
    ("inner-network", asks("true"), "timed out"),
    ("bastion", asks("true"), "Connection refused"),
    ("gateway", asks("true"), "Connection refused"),
    ("sshd-frozen", asks("true"), "timed out"),
    ("disk-full", on_disk, "No space left on device"),
    ("disk-readonly", on_disk, "Read-only file system"),
    ("disk-unmounted", on_mount, "No such file"),
]
WHOLE = {"slurmctld": asks("scontrol ping | grep UP"), "slurmdbd": asks("sacct -X")}


@pytest.mark.parametrize(("what", "feel", "words"), FAULTS, ids=[f[0] for f in FAULTS])
def test_a_fault_is_felt_and_mended(whole_practice, ssh, what, feel, words):
    practice = whole_practice
    practice.fail(what)
    practice.fail(what)
    assert practice.status()["faults"] == [what]
    failed = feel(practice, ssh)
    assert failed.returncode != 0
    assert words in failed.stderr
    practice.mend(what)
    practice.mend(what)
    assert practice.status()["faults"] == []
    well = WHOLE.get(what, feel)(practice, ssh)
    assert well.returncode == 0, well.stderr


def test_a_dead_node_fails_its_job_and_comes_back(whole_practice):
    practice, node = whole_practice, "gpu-380-10"
    practice.fail("node:" + node)
    assert practice.status()["hosts"][node] is False
    assert practice.run("gateway", ["sinfo"]).returncode == 0
    practice.mend("node:" + node)
    words = ["srun", "-p", "gpu", "-w", node, "--gres=gpu:rtx2080:1", "hostname"]
    assert practice.run("gateway", words).stdout == node + "\n"


def test_latency_slows_each_round_trip(whole_practice, ssh):
    practice = whole_practice

    def took():
        start = time.monotonic()
        assert ssh("bastion", "true").returncode == 0
        return time.monotonic() - start

    quick = took()
    practice.fail("latency:100ms")
    # A connection, a key exchange and a sign-in are at least five round trips.
    assert took() > quick + 0.5
    practice.fail("latency:20ms")
    assert practice.status()["faults"] == ["latency:20ms"]


def test_a_fault_that_does_not_exist_is_refused_with_those_that_do(practice):
    done = command("fail", "--name", practice.name, "--state", practice.state, "luck")
    assert done.returncode == 1
    assert "disk-full" in done.stderr


def test_reset_mends_cancels_and_empties(whole_practice, folder):
    from practice_cluster.processes import wait_for

    practice, (local, _) = whole_practice, folder
    practice.run("gateway", ["sbatch", "--wrap", "sleep 600", "-o", "/dev/null"])
    practice.fail("slurmdbd")
    practice.reset()
    assert practice.status()["faults"] == []
    assert practice.run("gateway", ["squeue", "-h"]).stdout == ""
    # The laptop's mount remembers for a second what it saw, as network mounts do.
    wait_for(lambda: not local.exists(), 10, "the folder to be gone")
    assert Path(practice.local_mount, "apps").exists()
