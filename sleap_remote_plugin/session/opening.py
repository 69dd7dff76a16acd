"""A session as the program uses it: this user's keyring, keys, jobs and settings."""

from __future__ import annotations

from sleap_remote_plugin.jobs.cluster import (
    Address,
    ClusterProfile,
    config_folder,
    data_folder,
)
from sleap_remote_plugin.session.session import Session
from sleap_remote_plugin.session.settings import Settings
from sleap_remote_plugin.session.store import Store
from sleap_remote_plugin.session.this_machine import look_here, without_ssh
from sleap_remote_plugin.ssh.connection import SSHTransport
from sleap_remote_plugin.ssh.credentials import Credentials
from sleap_remote_plugin.ssh.host_keys import HostKeys
from sleap_remote_plugin.ssh.local import LocalTransport
from sleap_remote_plugin.ssh.log import ConnectionLog
from sleap_remote_plugin.words import tr


def open_settings() -> Settings:
    """Settings of the user who runs this."""
    return Settings(config_folder() / "settings.json")


def open_session(profile: ClusterProfile) -> Session:
    """A session as the program uses it: this user's keyring, keys, jobs, settings."""
    settings = open_settings()
    store = Store(data_folder() / "jobs.sqlite")
    if profile.login is None:
        return Session(profile, LocalTransport(), store, settings)
    here = look_here(profile, LocalTransport())
    if here.is_here:
        transport = LocalTransport(here.why)
        return Session(without_ssh(profile), transport, store, settings)
    return _open_over_ssh(profile, profile.login, store, settings, here.why)


def _open_over_ssh(
    profile: ClusterProfile, login: Address, store: Store, settings: Settings, note: str
) -> Session:
    credentials = Credentials(profile.name)
    host_keys = HostKeys(data_folder() / "known_hosts", contact=profile.contact)
    events = ConnectionLog()
    if note:
        events.add(tr("this machine"), note)
    transport = SSHTransport(
        login,
        profile.jump,
        settings.get("user." + profile.name) or profile.user,
        credentials=credentials,
        host_keys=host_keys,
        log=events,
    )
    return Session(profile, transport, store, settings, credentials, host_keys)
