"""What a sign-in may ask, each as its dialog."""

from __future__ import annotations

from sleap_remote_plugin.errors import HostKeyUnknown, SignInNeeded, SignInRefused
from sleap_remote_plugin.qt.dialogs.host_key import HostKeyDialog
from sleap_remote_plugin.qt.dialogs.install_key import InstallKeyDialog
from sleap_remote_plugin.qt.dialogs.password import PasswordDialog, UserDialog
from tests.qt.standins import password_needed

REFUSED = SignInRefused(
    "gateway did not accept the password. Type it once more.", "jane", "gateway"
)


def sign_ins():
    yield "password", PasswordDialog(password_needed())
    yield "password-refused", PasswordDialog(REFUSED)
    for name, needed in _asked():
        yield name, PasswordDialog(needed)
    yield "install-key", InstallKeyDialog("Practice HPC", "")
    yield "install-key-old", InstallKeyDialog("Practice HPC", "~/.ssh/id_ed25519")
    yield "user", UserDialog("Practice HPC")
    key = "SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM"
    unknown = HostKeyUnknown("", "[gateway]:2222", "ssh-ed25519", key, "AAAA")
    yield "host-key", HostKeyDialog(unknown, "the cluster's help desk")


def _asked():
    """(name, error) for each thing that a sign-in may ask for."""
    user, host = "jane.longname-with-numbers123", "hpc-gateway-2.cluster.example.org"
    locked = SignInNeeded(
        "The key ~/.ssh/id_ed25519 has a passphrase, and {} takes that key. The "
        "passphrase stays on this computer.".format(host),
        user,
        host,
        key_file="/home/jane/.ssh/a folder with a long name/id_ed25519_of_the_cluster",
        or_password=True,
    )
    locked.keyring_problem = "This computer's keyring is locked."
    yield "password-passphrase", locked
    words = "{} asks: Passcode or option (1-3)\nDuo two-factor login for jane\n"
    yield (
        "password-code",
        SignInNeeded(
            words.format(host) + " 1. Duo Push to XXX-XXX-1234\n 2. Phone call",
            user,
            host,
            prompts=[("Passcode or option (1-3):", False)],
        ),
    )
    yield (
        "password-both",
        SignInRefused(
            "{} did not take what was given. It does not say whether the password or "
            "the code was wrong, so both are asked for again. Each was tried "
            "once.".format(host),
            user,
            host,
            prompts=[("Password", False), ("Verification code:", False)],
            password_prompt="Password",
        ),
    )
    yield (
        "password-confirm",
        SignInNeeded(
            "{} gave no answer to the sign-in of jane. It may have waited for you to "
            "confirm it, on your phone for example. Have the phone at hand and try "
            "again.".format(host),
            user,
            host,
            is_confirmation=True,
        ),
    )
