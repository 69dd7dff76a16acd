"""The settings in each of their states, for the screenshots of `screens.py`."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from sleap_remote_plugin.errors import ProfileError
from sleap_remote_plugin.jobs.own_profiles import BLANK
from sleap_remote_plugin.qt.dialogs.guide import Guide
from sleap_remote_plugin.qt.dialogs.profile_editor import ProfileEditor
from sleap_remote_plugin.qt.dialogs.settings import SettingsDialog
from sleap_remote_plugin.qt.profiles import Profiles
from sleap_remote_plugin.session.preferences import Preferences
from sleap_remote_plugin.shipped import shipped
from tests.qt.standins import a_profile

MINE = Path("/home/jane/.config/sleap-remote/clusters/practice.yaml")
FACTS = (
    ("Version", "0.1.0"),
    ("SLEAP", "1.6.6"),
    ("Qt", "pyside6 6.11.1"),
    ("Python", "3.11.14"),
    ("System", "Linux-6.1"),
)
WRONG = (
    "The cluster profile {}, line 9: `partitoin` is not known here; allowed are "
    "partition, gpus, gpu_type. Mend that line; the other profiles still work."
)


def settings(page, disks=(), several=True, liked=None):
    """The dialog at one of its pages."""
    profile = a_profile(source=MINE)
    swc = dataclasses.replace(
        profile, name="swc", title="SWC HPC", source=shipped("clusters", "swc.yaml")
    )
    long = dataclasses.replace(
        profile, name="a-long-one", title="小鼠 открытое поле, a cluster of a long name"
    )
    broken = MINE.with_name("old-lab.yaml")
    said = WRONG.format(broken)
    profiles = Profiles((profile,), ())
    if several:
        profiles = Profiles((profile, long, swc), (said,), ((broken, said),))
    dialog = SettingsDialog(profiles, profile, "jane", liked, FACTS)
    dialog.show_kept(2, "")
    dialog.disks.show_disks(disks)
    dialog.show_page(page)
    return dialog


def editor(wrong):
    text = BLANK.format(name="my-cluster")
    made = ProfileEditor(text, MINE, str(MINE))
    if wrong:
        error = ProfileError(
            "", line=11, what="expected a host as `host`, `user@host:port`."
        )
        made.show_wrong(text, error)
    else:
        made.show_good(
            text, "A profile. Saving changes practice.yaml, and keeps the old one."
        )
    return made


def settings_states(disks):
    """(name, window) for each page, and for what can be said on it."""
    yield "settings", settings("cluster", several=False)
    yield "settings-clusters", settings("cluster")
    kept = settings("cluster", several=False)
    kept.clusters.put_back.show()
    kept.clusters.say(
        "ok", "SWC HPC is out of use. Its file is {}.removed.".format(MINE)
    )
    yield "settings-removed", kept
    yield "settings-sign-in", settings("sign-in")
    locked = settings("sign-in")
    locked.show_kept(0, "This computer's keyring did not answer within 20 seconds.")
    yield "settings-locked", locked
    yield "settings-disks", settings("disks", disks)
    refuted = settings("disks", disks[::-1])
    refuted.disks.show_progress("Proving " + disks[1].local, 1, 3)
    yield "settings-disks-proving", refuted
    yield "settings-notices", settings("notices")
    quiet = Preferences(notices=False, muted=("STARTED",))
    yield "settings-no-notices", settings("notices", liked=quiet)
    yield "settings-following", settings("following")
    yield "settings-about", settings("about")
    yield "profile-editor", editor(wrong=False)
    yield "profile-editor-wrong", editor(wrong=True)
    yield "guide", Guide("following.md")
