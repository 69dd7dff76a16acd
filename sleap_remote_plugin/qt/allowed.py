"""What can be chosen as things stand: menu entries and buttons, and why not."""

from __future__ import annotations

from typing import Optional

from sleap_remote_plugin.jobs.cluster import ClusterProfile
from sleap_remote_plugin.qt.dock import RemoteDock
from sleap_remote_plugin.qt.host import Project
from sleap_remote_plugin.qt.menu import RemoteMenu
from sleap_remote_plugin.qt.next_round import why_no_round
from sleap_remote_plugin.qt.project_checks import why_not

_CHAIN = (
    "Train models on {}, and predict with them as soon as they are there. SLEAP can be "
    "closed meanwhile."
)


def allow(
    menu: RemoteMenu,
    dock: RemoteDock,
    project: Optional[Project],
    profile: Optional[ClusterProfile],
) -> None:
    """Enable what the project and the cluster in use allow; tooltips say the rest."""
    no_cluster = "" if profile else "No cluster is set up yet."
    title = profile.title if profile else "a cluster"
    offers_source = project is not None and project.is_package
    for name, for_training, does, button in (
        ("remote_train", True, "Train models on {}.", dock.train),
        ("remote_predict", False, "Predict on {}.", dock.predict),
        ("remote_train_then_predict", True, _CHAIN, None),
    ):
        reason = no_cluster or why_not(project, for_training)
        why = "" if offers_source and not no_cluster else reason
        menu.allow(name, why, reason or does.format(title))
        if button is None:
            continue
        button.setEnabled(not why)
        button.setToolTip(reason or does.format(title))
        if for_training:
            dock.show_obstacle(reason)
    for name, why, does in (
        (
            "remote_next_round",
            no_cluster or why_no_round(project),
            "Save the project under its next number, and set training as it was.",
        ),
        ("remote_jobs", "", "Show the jobs on {}.".format(title)),
        ("remote_find", no_cluster, "From another computer, or a colleague's."),
        ("remote_setup", "", "User, disk and SLEAP of a cluster."),
        ("remote_check", no_cluster, "See whether jobs can run there."),
        ("remote_settings", "", "Cluster, user, notices."),
    ):
        menu.allow(name, why, does)
