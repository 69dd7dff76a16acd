"""A key of the user's own, installed on both hops as ssh-copy-id would."""

from __future__ import annotations

import shutil
import stat
import subprocess

import pytest

from sleap_remote_plugin.errors import RemoteError, SignInNeeded
from sleap_remote_plugin.jobs.cluster import Address
from sleap_remote_plugin.ssh.config import SshConfig
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.deadline import Deadlines
from sleap_remote_plugin.ssh.key_install import (
    KeyInstaller,
    install_script,
    keys_for,
)
from sleap_remote_plugin.ssh.log import ConnectionLog
from sleap_remote_plugin.ssh.own_key import OwnKey, find_own_key, make_own_key
from sleap_remote_plugin.ssh.secret import Secret
from tests.ssh.conftest import connect_trusting
from tests.ssh.servers import USER, Account, PasswordServer, Sshd, make_key
from tests.ssh.test_credentials import Store

KEY = OwnKey("mine", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHxx")


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def credentials(store):
    return Credentials("test", lambda: store)


@pytest.fixture
def homes(tmp_path, bastion):
    """Two hops, each with a home whose authorized_keys is the one that it reads."""
    servers = []
    for number in range(2):
        home = tmp_path / "home{}".format(number)
        servers.append(Sshd(home / ".ssh", extra="SetEnv HOME={}".format(home)))
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture
def route(quiet_home, homes, host_keys, credentials, config_for):
    """Both hops, trusted; each lets us in by a key that ssh config names."""
    transport = SSHTransport(
        Address("hop1"),
        [Address("hop0")],
        USER,
        credentials=credentials,
        host_keys=host_keys,
        ssh_config=config_for(*homes),
    )
    connect_trusting(transport, host_keys)
    transport.close()
    return transport.route()


@pytest.fixture
def install(route, credentials, host_keys):
    def run(key):
        keys = dict.fromkeys(route, key)
        return KeyInstaller(
            keys, credentials, host_keys, Deadlines(), ConnectionLog()
        ).run()

    return run


def new_key(path, passphrase=""):
    make_key(path, passphrase=passphrase)
    line = path.with_suffix(".pub").read_text()
    return OwnKey(str(path), " ".join(line.split()[:2]), path)


def keys_in(server):
    return [line.split()[1] for line in server.authorized.read_text().splitlines()]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_on_both_hops_and_signs_in_alone(install, homes, tmp_path):
    key = new_key(tmp_path / "mine")
    for server in homes:
        before = server.authorized.read_text()
        server.authorized.write_text(before.rstrip("\n"))  # no newline at its end
        server.authorized.chmod(0o664)
        server.folder.chmod(0o775)
    results = install(key)

    assert [result.works for result in results] == [True, True]
    assert "without a password" in results[1].text
    for server in homes:
        assert len(keys_in(server)) == 2
        assert keys_in(server)[1] == key.public.split()[1]
        assert (mode(server.folder), mode(server.authorized)) == (0o700, 0o600)


def test_a_key_that_is_there_is_not_added_again(install, homes, tmp_path):
    key = new_key(tmp_path / "mine")
    install(key)
    before = [server.authorized.read_text() for server in homes]
    again = install(key)

    assert all("was there already" in result.text for result in again)
    assert all(result.works for result in again)
    assert [server.authorized.read_text() for server in homes] == before


def test_a_host_that_reads_keys_elsewhere_is_told_and_the_other_one_works(
    install, homes, tmp_path
):
    away = tmp_path / "away"
    away.mkdir()
    away.chmod(0o777)
    homes[0].stop()
    homes[0].extra = "SetEnv HOME={}".format(away)
    homes[0].start()
    results = install(new_key(tmp_path / "mine"))

    assert [result.works for result in results] == [False, True]
    assert "does not take it" in results[0].text
    assert "chmod go-w" in results[0].text


def test_a_host_that_runs_no_commands_is_told_and_nothing_is_changed(
    install, homes, tmp_path
):
    homes[0].stop()
    homes[0].extra = "ForceCommand echo This is a jump host."
    homes[0].start()
    before = homes[0].authorized.read_text()
    results = install(new_key(tmp_path / "mine"))

    assert [result.works for result in results] == [False, True]
    assert "This is a jump host." in results[0].text
    assert homes[0].authorized.read_text() == before


def test_a_locked_key_is_asked_for_before_it_is_tried(
    install, credentials, homes, tmp_path
):
    key = new_key(tmp_path / "mine", "open s3same")
    with pytest.raises(SignInNeeded) as caught:
        install(key)
    assert caught.value.key_file == str(key.path)

    credentials.remember_passphrase(key.path, "open s3same", keep=False)
    assert [result.works for result in install(key)] == [True, True]
    assert len(keys_in(homes[0])) == 2


# -- which key -------------------------------------------------------------------------


@pytest.fixture
def hop(quiet_home, credentials):
    server = PasswordServer(Account("s3cret"))
    transport = SSHTransport(
        Address("127.0.0.1", server.port),
        user="jane",
        credentials=credentials,
        host_keys=None,
        ssh_config=SshConfig([]),
    )
    yield transport.route()[0]
    server.stop()


def chosen(hop, credentials, passphrase=""):
    return keys_for(
        [hop], Secret(passphrase), credentials, Deadlines(), ConnectionLog()
    )[hop]


def test_who_has_no_key_gets_an_ed25519_one_that_ssh_can_read(
    hop, credentials, quiet_home
):
    key = chosen(hop, credentials)
    path = quiet_home / ".ssh" / "id_ed25519"
    derived = subprocess.run(
        ["ssh-keygen", "-y", "-f", str(path)], stdout=subprocess.PIPE, check=True
    )

    assert key.path == path
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert derived.stdout.decode().split()[:2] == key.public.split()
    assert (quiet_home / ".ssh" / "id_ed25519.pub").read_text().startswith(key.public)
    assert chosen(hop, credentials) == key


def test_a_new_keys_passphrase_is_in_the_keyring_and_opens_it(
    hop, credentials, quiet_home, store
):
    key = chosen(hop, credentials, "open s3same")
    wrong = subprocess.run(
        ["ssh-keygen", "-y", "-P", "wr0ng", "-f", str(key.path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    assert wrong.returncode
    assert list(store.kept.values()) == ["open s3same"]
    found = find_own_key(hop, credentials, Deadlines(), ConnectionLog())
    assert found.public == key.public


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_a_key_that_is_there_is_used_and_none_is_made(
    hop, credentials, quiet_home, kind
):
    path = make_key(quiet_home / ".ssh" / ("id_" + kind), kind)

    assert chosen(hop, credentials).path == path
    assert not (quiet_home / ".ssh" / "id_ed25519").exists()


@pytest.mark.parametrize("name", ["id_ed25519", "id_ed25519.pub"])
def test_no_file_is_ever_overwritten(hop, quiet_home, name):
    (quiet_home / ".ssh").mkdir()
    (quiet_home / ".ssh" / name).write_text("something else")
    with pytest.raises(RemoteError, match="Nothing was changed"):
        make_own_key(hop, Secret(""))

    assert [path.name for path in (quiet_home / ".ssh").iterdir()] == [name]
    assert (quiet_home / ".ssh" / name).read_text() == "something else"


# -- the script ------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "dash", "zsh", "tcsh", "fish"])
def test_any_login_shell_will_do(tmp_path, shell):
    if shutil.which(shell) is None:
        pytest.skip("there is no {} here".format(shell))
    done = run_script(tmp_path, [shell, "-c", "sh"])

    assert done.endswith("sleap-remote-key:added\n")
    file = tmp_path / ".ssh" / "authorized_keys"
    assert file.read_text().startswith(KEY.public)
    assert run_script(tmp_path, [shell, "-c", "sh"]).endswith(":there\n")


def test_a_key_that_is_commented_out_is_added(tmp_path):
    (tmp_path / ".ssh").mkdir()
    file = tmp_path / ".ssh" / "authorized_keys"
    file.write_text("# {} old\n".format(KEY.public))

    assert run_script(tmp_path, ["sh"]).endswith(":added\n")
    assert len(file.read_text().splitlines()) == 2


def test_a_key_with_options_in_front_is_not_added_again(tmp_path):
    (tmp_path / ".ssh").mkdir()
    file = tmp_path / ".ssh" / "authorized_keys"
    file.write_text('from="10.0.0.0/8" {} mine\n'.format(KEY.public))

    assert run_script(tmp_path, ["sh"]).endswith(":there\n")


def test_a_home_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / ".ssh").write_text("a file in the way")

    assert run_script(tmp_path, ["sh"]).endswith(":not-written\n")


def run_script(home, command):
    done = subprocess.run(
        command,
        input=install_script(KEY),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        timeout=60,
    )
    return done.stdout.decode()
