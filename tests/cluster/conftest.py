"""What the tests of the practice cluster share: signing in as a user would."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def ssh(practice, tmp_path):
    """Call ``ssh(host, line)``: OpenSSH with the user's key, through the bastion."""
    config = tmp_path / "ssh_config"
    config.write_text(
        "Host *\n  User {0.user}\n  IdentityFile {0.key}\n  BatchMode yes\n"
        "  UserKnownHostsFile {0.known_hosts}\n  StrictHostKeyChecking yes\n"
        "  ConnectTimeout 2\n"
        "Host bastion\n  HostName {0.bastion_host}\n  HostKeyAlias {0.bastion_host}\n"
        "Host gateway\n  ProxyJump bastion\n"
        "Host straight-to-gateway\n  HostName {1}\n".format(
            practice, practice.address("gateway")
        )
    )

    def call(host, line, *options):
        return subprocess.run(
            ["ssh", "-F", str(config)] + list(options) + [host, line],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            timeout=60,
        )

    return call


@pytest.fixture
def folder(practice):
    """A fresh folder on the shared disk: ``(on the laptop, on the cluster)``."""
    local = Path(practice.local_mount, "test")
    local.mkdir()
    cluster = practice.cluster_mount + "/test"
    yield local, cluster
    practice.run_as_root("gateway", ["rm", "-rf", cluster])
