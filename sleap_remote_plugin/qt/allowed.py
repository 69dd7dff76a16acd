"""What can be chosen as things stand: menu entries and buttons, and why not."""

from __future__ import annotations

from typing import Optional, Sequence, Tuple

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.host import Project
from sleap_remote_plugin.qt.job_deeds import JOB_DEEDS
from sleap_remote_plugin.qt.menu import RemoteMenu
from sleap_remote_plugin.qt.next_round import why_no_round
from sleap_remote_plugin.qt.project_checks import why_not
from sleap_remote_plugin.words import tr

NO_CLUSTER = tr("No cluster is set up yet.")
_CHAIN = tr(
    "Train models on {}, and predict with them as soon as they are there. SLEAP can be "
    "closed meanwhile."
)


def allow(
    menus: Sequence[Tuple[Optional[ClusterProfile], RemoteMenu]],
    dock: RemoteDock,
    project: Optional[Project],
    profile: Optional[ClusterProfile],
) -> None:
    """Enable what the project and each cluster allow; tooltips say the rest.

    Parameters
    ----------
    profile : ClusterProfile or None
        The cluster in use: the dock's buttons send there.
    """
    for cluster, menu in menus:
        _allow_menu(menu, project, cluster)
    for for_training, does, button in (
        (True, tr("Train models on {}."), dock.train),
        (False, tr("Predict on {}."), dock.predict),
    ):
        why, says = _sending(project, profile, for_training, does)
        button.setEnabled(not why)
        button.setToolTip(says)
        if for_training:
            dock.show_obstacle("" if says == does.format(_title(profile)) else says)


def _allow_menu(
    menu: RemoteMenu, project: Optional[Project], profile: Optional[ClusterProfile]
) -> None:
    no_cluster = "" if profile else NO_CLUSTER
    for name, for_training, does in (
        ("remote_train", True, tr("Train models on {}.")),
        ("remote_predict", False, tr("Predict on {}.")),
        ("remote_train_then_predict", True, _CHAIN),
    ):
        why, says = _sending(project, profile, for_training, does)
        menu.allow(name, why, says)
    for name, why, does in (
        (
            "remote_next_round",
            no_cluster or why_no_round(project),
            JOB_DEEDS["remote_next_round"].does,
        ),
        ("remote_jobs", "", tr("Show the jobs on {}.").format(_title(profile))),
        ("remote_find", no_cluster, tr("From another computer, or a colleague's.")),
        ("remote_setup", "", tr("User, disk and SLEAP of a cluster.")),
        ("remote_check", no_cluster, tr("See whether jobs can run there.")),
        ("remote_settings", "", tr("Clusters, sign-in, disks, notices.")),
    ):
        menu.allow(name, why, does)


def _sending(
    project: Optional[Project],
    profile: Optional[ClusterProfile],
    for_training: bool,
    does: str,
) -> Tuple[str, str]:
    """Why nothing can be sent (empty: it can), and what the tooltip says."""
    reason = "" if profile else NO_CLUSTER
    reason = reason or why_not(project, for_training)
    offers_source = project is not None and project.is_package and profile is not None
    return "" if offers_source else reason, reason or does.format(_title(profile))


def _title(profile: Optional[ClusterProfile]) -> str:
    return profile.title if profile else tr("a cluster")
