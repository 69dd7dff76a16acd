"""This SLEAP and the cluster's, in SLEAP's real window: what is stopped or said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.model_kind import generation_of_model
from sleap_remote_plugin.jobs.version_match import install_command
from sleap_remote_plugin.session.offers import Offers
from tests.qt.standins import a_job
from tests.sleap_host.clicked import (  # noqa: F401
    click,
    cluster,
    controller,
    ours,
    visible,
)
from tests.unit.test_offers import Cluster as Modules

pytestmark = pytest.mark.sleap

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "sleap" / "models"


def gives(cluster, **modules):  # noqa: F811
    """Let the cluster have these modules, read in the real way."""
    transport = Modules(**modules)
    offers = Offers(cluster.profile, transport, cluster.settings)
    for name in ("modules", "read_modules", "choose_module", "confirm_module"):
        setattr(cluster, name, getattr(offers, name))
    for name in ("told_differences", "keep_told_differences"):
        setattr(cluster, name, getattr(offers, name))
    return transport


def everything_in(folder):
    names = sorted(path.name for path in folder.rglob("*"))
    return [name for name in names if "settings of the session" not in name]


def test_a_cluster_of_the_other_generation_stops_before_the_export(
    ours,  # noqa: F811
    host,
    qtbot,
    cluster,  # noqa: F811
    project,
    training_dialog,
):
    other = "1.3.4" if host.generation is Generation.CURRENT else "1.6.3"
    gives(cluster, there=(1, "ok " + other), broken=(1, "broken no licence"))
    before = everything_in(project.parent)
    ours.run("training", training_dialog)
    dialog = visible(qtbot, "remote_submit_dialog")
    wanted = "SLEAP/there ({})".format(other)
    qtbot.waitUntil(lambda: wanted in dialog.problem.text(), timeout=20000)
    text = dialog.problem.text()
    assert host.generation.title in text
    assert "SLEAP/broken (cannot be loaded: no licence)" in text
    assert install_command(other) in dialog.with_module.how.text()
    assert "Nothing was submitted or exported" in text
    assert not dialog.submit.isEnabled()
    dialog.reject()
    assert everything_in(project.parent) == before


def test_another_patch_is_said_once_and_asked_for_once(
    ours,  # noqa: F811
    host,
    qtbot,
    cluster,  # noqa: F811
    training_dialog,
):
    near = host.version.rsplit(".", 1)[0] + ".99"
    transport = gives(cluster, near=(1, "ok " + near), far=(1, "ok 1.2.9"))
    shown = "SLEAP/near ({}; yours is {})".format(near, host.version)
    for times in (1, 2):
        ours.run("training", training_dialog)
        dialog = visible(qtbot, "remote_submit_dialog")
        choice = dialog.with_module
        qtbot.waitUntil(lambda c=choice: c.combo.currentText() == shown, timeout=20000)
        if times == 1:
            qtbot.waitUntil(lambda c=choice: near in c.note.text(), timeout=20000)
        assert dialog.submit.isEnabled()
        dialog.reject()
        qtbot.waitUntil(lambda: cluster.told_differences(host.version) == (near,))
    assert choice.note.text() == ""
    assert len(transport.asked) == 1


@pytest.mark.skipif(not SHARED.is_dir(), reason="no trained models beside the checkout")
def test_models_that_sleap_trained_are_known_by_their_content(tmp_path):
    runs = [path for path in SHARED.iterdir() if (path / "best_model.h5").exists()]
    assert runs
    for run in runs:
        renamed = tmp_path / "a model of mine {}".format(len(list(tmp_path.iterdir())))
        shutil.copytree(str(run), str(renamed))
        assert generation_of_model(renamed) is Generation.LEGACY


def test_a_package_is_explained_and_its_project_opened(
    app_module,
    controller,  # noqa: F811
    cluster,  # noqa: F811
    host,
    make_window,
    project,
    qtbot,
):
    from sleap_remote_plugin.sleap_host.attach import host_of

    folder = project.parent / "labels.v001.slp.training_job"
    folder.mkdir()
    package = folder / "labels.v001.pkg.slp"
    snapshot = list(host.labels_slices(str(package)))[-1]
    host.write_labels(snapshot, package, lambda *_: True)
    window = make_window(package)
    made = window.remote_controller
    assert host_of(window).project().is_package
    before = package.read_bytes()
    made.train()
    question = visible(qtbot, "remote_source_question")
    assert "labels.v001.pkg.slp is a training package" in question.text()
    assert str(project) in question.text()
    opened = []
    made.host.open_project_file = opened.append
    click(qtbot, "remote_source_question_yes")
    assert opened == [str(project)]
    assert cluster.submissions == []
    # Nor does a load go into it: the button says where to.
    job = a_job(kind=JobKind.PREDICT, state=JobState.COMPLETED, project=str(project))
    cluster.stored = (job,)
    made.follower.start()
    made.show_dock()
    click(qtbot, "remote_load_predictions")
    box = visible(qtbot, "remote_message")
    assert "training package: it is for training only" in box.text()
    assert "Nothing was loaded. Open {}".format(project) in box.text()
    box.close()
    assert not host_of(window).project().has_changes
    assert package.read_bytes() == before
    made.follower.stop()
    made.network.close()
    made.files.close()
