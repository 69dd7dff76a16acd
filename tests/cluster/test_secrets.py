"""Marked secrets go through a whole cycle; then they are looked for everywhere.

They may be in the keyring and in the memory of who uses them. The cycle is in
secret_cycle.py, the search in sweep.py; that the search finds what is there is
shown first.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cluster import sweep
from tests.cluster.test_command_line import IN_KEYRING

pytestmark = pytest.mark.cluster

CHECKOUT = Path(__file__).resolve().parents[2]
SECRETS = {
    "password": "Pw+m4rk/qWx81~ü",
    "wrong": "Wr+m4rk/zUt27~ü",
    "passphrase": "Ph+m4rk/vBn53~ü",
    "code": "719+m4rk/264~ü",
}
WANTED = sweep.all_spellings(SECRETS)
ON_HOSTS = ["/var/log", "/var/spool", "/tmp", "/run", "/dev/shm", "/home", "/etc"]
ALSO_ON = {"controller": ["/var/lib/practice-mysql"], "gateway": ["/ceph"]}


# -- the search finds what is there --------------------------------------------------


@pytest.mark.parametrize("what", SECRETS)
@pytest.mark.parametrize("name", sweep.spellings("ü"))
def test_a_planted_secret_is_found_in_a_file(tmp_path, what, name):
    planted = b"x" * (sweep.BLOCK - 5) + sweep.spellings(SECRETS[what])[name] + b"\n"
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(planted)

    found = sweep.in_folders([str(tmp_path)], WANTED)
    assert "{} as {}".format(what, name) in [one for one, _ in found]


def test_a_planted_secret_is_found_inside_longer_base64(tmp_path):
    for before in range(4):
        text = "user:"[:before] + SECRETS["password"] + " and more"
        (tmp_path / str(before)).write_bytes(base64.b64encode(text.encode()))

    found = {Path(path).name for _, path in sweep.in_folders([str(tmp_path)], WANTED)}
    assert found == {"0", "1", "2", "3"}


def _names_a_file(place):
    (place / SECRETS["code"].replace("/", "-")).touch()
    return {"code": SECRETS["code"].replace("/", "-")}


def _names_a_folder(place):
    (place / "m4rk-folder" / "x").mkdir(parents=True)
    return {"code": "m4rk-folder"}


def _is_a_links_target(place):
    (place / "link").symlink_to(SECRETS["code"])
    return SECRETS


@pytest.mark.parametrize("plant", [_names_a_file, _names_a_folder, _is_a_links_target])
def test_a_planted_secret_is_found_in_names(tmp_path, plant):
    wanted = sweep.all_spellings(plant(tmp_path))

    assert "code as plain" in [x for x, _ in sweep.in_folders([str(tmp_path)], wanted)]


@pytest.mark.parametrize("where", ["argv", "environment"])
def test_a_planted_secret_is_found_in_a_process(where):
    secret = "planted-" + SECRETS["password"] + str(os.getpid())
    wanted = sweep.all_spellings({"it": secret})
    argv, env = ["sleep", "60"], dict(os.environ)
    if where == "argv":
        argv = ["bash", "-c", "read", secret]
    else:
        env["SECRET"] = secret
    with sweep.Watch(wanted) as watch:
        process = subprocess.Popen(argv, env=env, stdin=subprocess.PIPE)
        try:
            _wait_until(lambda: watch.found)
        finally:
            process.kill()
            process.communicate()
    assert "it as plain" in [name for name, _ in watch.found]


def _wait_until(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_planted_secret_is_found_on_the_clusters_hosts(practice):
    planted = "planted-" + SECRETS["code"]
    since = time.time() - 2
    for host, path in (("gateway", "/var/log/planted"), ("bastion", "/tmp/planted")):
        practice.run_as_root(host, ["tee", path], input=planted)
        try:
            found = _on_host(practice, host, since)["found"]
        finally:
            practice.run_as_root(host, ["rm", path])
        assert ["code as plain", path] in found


# -- the cycle -----------------------------------------------------------------------


def _on_host(practice, host, since):
    words = ["python3", "-I", "-c", Path(sweep.__file__).read_text(), str(since)]
    words += ON_HOSTS + ALSO_ON.get(host, [])
    done = practice.run_as_root(host, words, input=sweep.as_stdin(WANTED))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _set_password(practice, password):
    """Give the user another password on both hosts; it is in no argv."""
    made = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"],
        input=password.encode(),
        stdout=subprocess.PIPE,
        check=True,
    ).stdout.decode()
    line = "{}:{}".format(practice.user, made)
    for host in ("bastion", "gateway"):
        done = practice.run_as_root(host, ["chpasswd", "-e"], input=line)
        assert done.returncode == 0, done.stderr


def _make_key(path, passphrase):
    """A locked key; ssh-keygen would be told the passphrase in its argv."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    locked = form.BestAvailableEncryption(passphrase.encode())
    shape = form.PrivateFormat.OpenSSH
    path.write_bytes(key.private_bytes(form.Encoding.PEM, shape, locked))
    path.chmod(0o600)
    public = key.public_key().public_bytes(
        form.Encoding.OpenSSH, form.PublicFormat.OpenSSH
    )
    path.with_suffix(".pub").write_bytes(public + b" marked\n")
    return public.decode() + " marked\n"


class Cycle:
    """What came of it, and where it has left anything."""

    def __init__(self, home, practice):
        self.home = home
        self.practice = practice
        self.since = time.time() - 1
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("XDG_", "DBUS_", "SSH_")) and name != "DISPLAY"
        }
        self.env.update(
            HOME=str(home), TMPDIR=str(home / "tmp"), PROFILE=practice.profile
        )

    def run(self):
        given = {
            "secrets": SECRETS,
            "practice": {
                "profile": self.practice.profile,
                "mount": self.practice.local_mount,
            },
        }
        with sweep.Watch(WANTED) as watch:
            self.first = self._run("first", given)
            self.again = self._run("again", given)
        self.watch = watch

    def _run(self, which, given):
        line = '"$PYTHON" -m tests.cluster.secret_cycle ' + which
        done = subprocess.run(
            ["dbus-run-session", "--", "bash", "-c", IN_KEYRING, "bash", line],
            input=json.dumps(given),
            env=dict(self.env, PYTHON=sys.executable, PYTHONPATH=str(CHECKOUT)),
            cwd=str(self.home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            timeout=280,
        )
        (self.home / (which + ".stderr")).write_text(done.stderr)
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def cycle(practice, tmp_path_factory):
    for program in ("dbus-run-session", "gnome-keyring-daemon", "openssl"):
        if shutil.which(program) is None:
            pytest.skip(program + " is not here; `make setup` installs it.")
    practice.mend()
    made = Cycle(tmp_path_factory.mktemp("secrets"), practice)
    (made.home / "tmp").mkdir()
    (made.home / ".ssh").mkdir(mode=0o700)
    public = _make_key(made.home / ".ssh" / "marked", SECRETS["passphrase"])
    authorized = "/home/{}/.ssh/authorized_keys".format(practice.user)
    practice.run_as_root("gateway", ["tee", "-a", authorized], input=public)
    _set_password(practice, SECRETS["password"])
    try:
        made.run()
        yield made
    finally:
        _set_password(practice, practice.password)
        practice.run_as_root("gateway", ["sed", "-i", "/ marked$/d", authorized])
        practice.run_as_root("gateway", ["rm", "-rf", "/ceph/secrets"])


def test_each_secret_was_really_used(cycle):
    asked = cycle.first["result"]

    assert asked[:2] == ["wrong", "password"]
    assert set(asked) == set(SECRETS)
    assert asked.count("wrong") == 1


def test_no_secret_is_on_the_laptops_disk_or_in_any_log(cycle):
    left = [str(path.relative_to(cycle.home)) for path in cycle.home.rglob("*")]
    assert any(name.endswith("jobs.sqlite") for name in left)
    assert any("keyrings" in name for name in left)
    assert (cycle.home / "log").stat().st_size > 10000
    # The terminal that ran it: its stderr is with the rest.
    assert sweep.in_folders([str(cycle.home)], WANTED) == []


def test_the_logs_are_those_of_all_who_could_tell(cycle):
    text = (cycle.home / "log").read_text("utf-8", "replace")
    for word in ("did not take the password", "ZeroDivisionError", "locals {"):
        assert word in text
    assert "sleap_remote_plugin.ssh.paramiko" in text
    assert "Secret()" in text
    heard = cycle.practice.run_as_root("gateway", ["cat", "/var/log/sshd.log"]).stdout
    assert "Accepted" in heard


def test_no_secret_is_on_the_mount(cycle):
    mount = cycle.practice.local_mount
    assert Path(mount, "secrets", "labels.slp.training_job").is_dir()
    assert sweep.in_folders([mount], WANTED, cycle.since) == []


@pytest.mark.parametrize("host", ["bastion", "gateway", "controller", "gpu-380-10"])
def test_no_secret_is_on_a_host_of_the_cluster(cycle, host):
    answer = _on_host(cycle.practice, host, cycle.since)

    assert answer["looked_at"] > 20
    assert answer["found"] == []


def test_no_secret_is_in_the_accounts(cycle):
    dump = cycle.practice.run_as_root(
        "controller",
        [
            "mariadb-dump",
            "--no-defaults",
            "--socket=/run/mysqld/mysqld.sock",
            "--user=root",
        ]
        + ["--all-databases", "--hex-blob"],
        errors="replace",
    )
    assert "labels.slp.training_job" in dump.stdout, dump.stderr
    assert sweep.in_bytes(dump.stdout.encode(), WANTED) == []


def test_no_secret_was_in_any_argv_or_environment(cycle):
    assert cycle.watch.looks > 5
    assert cycle.watch.found == set()
    assert cycle.first["environment"] == cycle.again["environment"] == []


def test_password_and_passphrase_are_in_the_keyring_and_nothing_else_is(cycle):
    name = cycle.practice.name
    assert cycle.again["result"]["kept"] == sorted(
        [
            ["passphrase", "sleap-remote:by-key"],
            ["password", "sleap-remote:" + name],
            ["password", "sleap-remote:by-code"],
        ]
    )
    assert cycle.again["result"]["asked"] == []


def test_what_is_forgotten_is_in_the_keyring_no_more(cycle):
    left = [service for _, service in cycle.again["result"]["left"]]
    assert "sleap-remote:" + cycle.practice.name not in left
