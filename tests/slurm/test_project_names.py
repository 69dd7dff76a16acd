"""From a project's name to the batch script, through a real bash, and back again.

The disk has two names, as a mount has: what is asked for here runs there.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
import yaml

from sleap_remote_plugin.errors import ProjectNotReady, RemoteError
from sleap_remote_plugin.jobs.cluster import ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.job import JobKind
from sleap_remote_plugin.jobs.package import load_package
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.record import WITNESS_FOLDER
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt.host import Project, ProjectVideo
from sleap_remote_plugin.qt.project_checks import check_places, whole_project
from sleap_remote_plugin.session.places import Places
from sleap_remote_plugin.session.plan import Order, plan_prediction, plan_training
from sleap_remote_plugin.sleap_host.package import labels_name
from tests.slurm.test_script import BASH, Cluster

pytestmark = pytest.mark.skipif(not BASH, reason="needs bash")

MODULE = SleapModule("SLEAP/2023-08-01", "1.3.1")
NAMES = [
    "plain",
    "with spaces  two",
    'it\'s "quoted"',
    "$HOME ${x} $(touch pwned)",
    "`touch pwned`",
    "a;touch pwned;",
    "& | < > * ? [x] {a,b} !!",
    "back\\slash\\n",
    "-rf",
    "--output=x",
    "~tilde",
    "C: drive",
    "#hash ~tilde",
    "%j %A_%a",
    "n=12,x",
    "trailing dot.",
    "trailing space ",
    "CON",
    "🐭 鼠 ü",
    unicodedata.normalize("NFD", "Mäuse"),
    "x" * 200,
    "鼠" * 80,
]
REFUSED = ["two\nlines", "carriage\rreturn", "tab\there", "line\u2028separator"]


@pytest.fixture
def cluster(tmp_path):
    return Cluster(tmp_path)


@pytest.fixture
def lab(tmp_path):
    """The disk as this machine sees it; the cluster has another name for it."""
    disk = tmp_path / "disk of the lab"
    disk.mkdir()
    (tmp_path / "mnt").symlink_to(disk)
    profile = ClusterProfile(
        "lab", "Lab", None, mounts=(Mount(str(tmp_path / "mnt"), str(disk)),)
    )
    return Places(profile)


def project_called(lab, name):
    folder = Path(lab.profile.mounts[0].local) / name
    folder.mkdir()
    path = folder / (name[:250] + ".slp")
    try:
        path.write_text("project")
    except OSError:
        path = folder / (name[:60] + ".slp")
        path.write_text("project")
    return path


def packaged(lab, project):
    folder = lab.free_folder(str(project), JobKind.TRAIN)
    folder.mkdir()
    labels = labels_name(str(project))
    (folder / labels).write_text("labels")
    (folder / "centroid.json").write_text("{}")
    run = {"cfg": "centroid.json", "run_path": "models/a", "train_labels": labels}
    (folder / "jobs.yaml").write_text(yaml.safe_dump({"training": [run]}))
    return load_package(folder)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
def test_a_training_arrives_at_the_programs_as_it_was_called(lab, cluster, name):
    project = project_called(lab, name)
    package = packaged(lab, project)
    order = Order(Resources(), str(project), name, MODULE)
    there = str(lab.to_cluster(str(package.folder)))
    plan = plan_training(package, order, there, "lab", 0.0)
    code, out = cluster.run(plan.script)
    assert code == 0, out
    (call,) = cluster.calls()
    assert call[0] == "sleap-train"
    assert call[-1] == package.labels
    assert lab.to_local(plan.job.folder) == package.folder
    assert (package.folder / WITNESS_FOLDER / "job.jsonl").is_file()
    assert not list(Path(there).rglob("pwned"))


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
def test_a_prediction_reads_the_video_that_was_meant(lab, cluster, name):
    project = project_called(lab, name)
    video, model = project.parent / (project.stem + ".mp4"), project.parent / "m"
    video.write_text("video")
    model.mkdir()
    folder = lab.free_folder(str(project), JobKind.PREDICT)
    (folder / "predictions").mkdir(parents=True)
    request = PredictionRequest((str(model),), (VideoInput(str(video), 0),))
    order = Order(Resources(), str(project), name, MODULE)
    plan = plan_prediction(
        request, order, str(lab.to_cluster(str(folder))), "lab", 0.0, lab.to_cluster
    )
    code, out = cluster.run(plan.script)
    assert code == 0, out
    (call,) = cluster.calls()
    cluster_video = str(lab.to_cluster(str(video)))
    assert cluster_video in call
    assert Path(cluster_video).read_text() == "video"
    assert lab.to_local(cluster_video) == video
    assert (folder / plan.job.tasks[0].output).read_text() == "data\n"


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_script_can_hold_is_refused_before_it_is_exported(lab, name):
    project = project_called(lab, name)
    found = Project(str(project), False, 1, (ProjectVideo(0, str(project), 1),))
    with pytest.raises(ProjectNotReady, match="Rename it"):
        check_places(whole_project(found), lab)
    order = Order(Resources(), str(project), name, MODULE)
    folder = str(lab.to_cluster(str(lab.free_folder(str(project), JobKind.TRAIN))))
    with pytest.raises(RemoteError, match="Nothing was submitted"):
        plan_training(packaged(lab, project), order, folder, "lab", 0.0)


def test_projects_whose_names_differ_in_case_only_stay_two(lab):
    folders = []
    for name in ("Mouse", "mouse"):
        folders.append(packaged(lab, project_called(lab, name)).folder)
    assert [lab.to_local(str(lab.to_cluster(str(one)))) for one in folders] == folders
    assert len({str(lab.to_cluster(str(one))) for one in folders}) == 2
