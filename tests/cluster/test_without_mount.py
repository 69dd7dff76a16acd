"""A computer that has none of the cluster's disks: sent, followed and fetched over SSH.

Real SLURM and SFTP; the laptop's mount is not used.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from sleap_remote_plugin.errors import ResultsMissing
from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.paths import Mount
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.record import RECORD_NAME
from sleap_remote_plugin.session import copying
from sleap_remote_plugin.session.chain import Then
from tests.cluster.laptop import any_generation, broken_package, resources, wait_for
from tests.cluster.test_session import submit_prediction

pytestmark = pytest.mark.cluster


@pytest.fixture
def far(session, place, tmp_path):
    """A session whose profile names only a mount that is not on this computer."""
    gone = Mount(str(tmp_path / "not mounted"), "/ceph")
    session.use_profile(dataclasses.replace(session.profile, mounts=(gone,)))
    return session


@pytest.fixture
def laptop(tmp_path):
    folder = tmp_path / "laptop"
    folder.mkdir()
    return folder


def choose_home(session, place, project, *paths):
    """The user's answer to the offer; the folder is named as the cluster names it."""
    offer = copying.look(session, [str(one) for one in paths], str(project))
    assert offer.over_ssh
    folder = "/ceph/{}".format(place.name)
    running = copying.begin(session, offer, folder, lambda progress: None)
    running.run()
    copying.settle(session, offer, folder, running)


def submit_training(session, project):
    folder = session.prepare_folder(str(project), JobKind.TRAIN)
    package = broken_package(folder, any_generation(session))
    return session.submit_training(
        package,
        resources(),
        project=str(project),
        name="labels top-down",
        module=session.choose_module(package.generation, ""),
    )


def test_a_training_is_sent_submitted_and_followed_to_its_end(far, place, laptop):
    project = laptop / "labels.v001.slp"
    project.touch()
    choose_home(far, place, project)

    job = submit_training(far, project)

    assert job.state is JobState.QUEUED
    here = laptop / "labels.v001.slp.training_job"
    (there,) = place.glob("labels.v001.slp.training_job.*")
    assert far.local_folder(job) == here
    for name in ("jobs.yaml", "labels.pkg.slp", "remote-job.sbatch"):
        assert (there / name).read_bytes() == (here / name).read_bytes()
    job = wait_for(far, job, lambda job: job.state is JobState.FAILED, 120)
    assert job.exit_code
    assert far.log_tail(job)
    assert [path.name for path in place.iterdir()] == [there.name]


def test_a_prediction_follows_a_training_whose_folder_has_another_name_there(
    far, place, laptop, held
):
    project, video = laptop / "labels.v001.slp", laptop / "a.mp4"
    project.touch()
    video.write_bytes(b"no video")
    choose_home(far, place, project, video)
    folder = far.prepare_folder(str(project), JobKind.TRAIN)
    package = broken_package(folder, any_generation(far))
    request = PredictionRequest((), (VideoInput(str(video), 0),))
    sent = far.submit_chain(
        package,
        resources(),
        Then(request, resources(), "behind"),
        project=str(project),
        name="labels top-down",
        module=far.choose_module(package.generation, ""),
    )
    assert sent.problem == ""
    (there,) = place.glob("labels.v001.slp.training_job.*")
    (model,) = sent.prediction.request["models"]
    assert model == "/ceph/{}/{}/{}".format(
        place.name, there.name, package.models[0].run_path
    )
    (behind,) = place.glob("labels.v001.slp.prediction_job.*")
    assert model in (behind / "remote-job.sbatch").read_text()
    held()
    wait_for(far, sent.training, lambda job: job.state is JobState.FAILED, 120)
    job = wait_for(far, sent.prediction, lambda job: "Not run" in job.note)
    assert job.note == "Not run, because “labels top-down” failed."


def test_the_folder_there_is_never_seen_half(far, place, laptop, monkeypatch):
    project = laptop / "labels.v001.slp"
    project.touch()
    choose_home(far, place, project)
    seen = []
    send = far.mirrors.send

    def watched(folder):
        seen.extend(path.name for path in place.iterdir())
        return send(folder)

    monkeypatch.setattr(far.mirrors, "send", watched)
    submit_training(far, project)
    assert seen == []


def test_results_are_fetched_and_judged(far, place, laptop, held, whole_practice):
    """The job's work is done for it: what is tried is how results come back."""
    project = laptop / "labels.slp"
    (laptop / "models" / "gone").mkdir(parents=True)
    (laptop / "models" / "gone" / "training_config.json").write_text("{}")
    (laptop / "a.mp4").write_bytes(b"no video")
    paths = (laptop / "a.mp4", laptop / "models" / "gone")
    choose_home(far, place, project, *paths)
    job = submit_prediction(far, laptop)
    (there,) = place.glob("labels.slp.prediction_job.*")
    assert job.tasks[0].video == str(laptop / "a.mp4")
    script = (there / "remote-job.sbatch").read_text()
    assert "/ceph/mouse project/a.mp4" in script

    with h5py.File(str(laptop / "whole.slp"), "w") as file:
        file["frames"] = np.frombuffer(os.urandom(3 << 20), "uint8")
    predictions = (laptop / "whole.slp").read_bytes()
    output = there / job.tasks[0].output
    output.write_bytes(predictions[: 2 << 20])
    far.mirrors.bring(job)

    fetched = laptop / "labels.slp.prediction_job" / job.tasks[0].output
    assert fetched.read_bytes() == output.read_bytes()
    assert not list(fetched.parent.glob(".*"))

    # SLEAP fails, since the model is none; what counts is what is there.
    output.write_bytes(predictions)
    held()
    job = wait_for(far, job, lambda job: job.state.is_final, 120)
    assert job.state is JobState.COMPLETED, far.log_tail(job)
    assert "ended with exit code" in job.note
    assert fetched.read_bytes() == predictions


def test_half_fetched_files_are_gone_on_with(far, place, laptop, held):
    project = laptop / "labels.v001.slp"
    project.touch()
    choose_home(far, place, project)
    job = submit_training(far, project)
    (there,) = place.glob("labels.v001.slp.training_job.*")
    data = os.urandom(3 << 20)
    (there / "models").mkdir()
    (there / "models" / "best.ckpt").write_bytes(data)
    here = far.local_folder(job) / "models"
    here.mkdir()
    (here / ".best.ckpt.fetched").write_bytes(data[: 2 << 20])
    blocks = []
    mirror = far.mirrors.of_job(job)
    whole = mirror.transport.open_sftp

    def counted():
        sftp = whole()
        read = sftp.blocks

        def watched(path, start, end):
            for block in read(path, start, end):
                blocks.append((os.path.basename(path), len(block)))
                yield block

        sftp.blocks = watched
        return sftp

    mirror.transport.open_sftp = counted
    try:
        mirror.fetch(everything=True)
    finally:
        del mirror.transport.open_sftp
    assert (here / "best.ckpt").read_bytes() == data
    assert sum(size for name, size in blocks if name == "best.ckpt") == 1 << 20


def test_links_out_of_the_folder_are_not_fetched(far, place, laptop, held):
    project = laptop / "labels.v001.slp"
    project.touch()
    choose_home(far, place, project)
    job = submit_training(far, project)
    (there,) = place.glob("labels.v001.slp.training_job.*")
    (there / "models").mkdir()
    (there / "models" / "passwd").symlink_to("/etc/passwd")
    (there / "models" / "etc").symlink_to("/etc")
    far.mirrors.bring(job)
    here = far.local_folder(job)
    assert not (here / "models" / "passwd").exists()
    assert not (here / "models" / "etc").exists()
    with pytest.raises(ResultsMissing):
        far.results(job)


def test_a_lost_answer_is_looked_for_there_and_adopted(far, place, laptop, held):
    project = laptop / "labels.v001.slp"
    project.touch()
    choose_home(far, place, project)
    job = submit_training(far, project)
    far.store.add(job.changed(state=JobState.UNCONFIRMED, slurm_id=""))
    found = wait_for(far, job, lambda job: bool(job.slurm_id), 60)
    assert found.slurm_id == job.slurm_id


def test_the_record_is_beside_the_package_on_both_sides(far, place, laptop, held):
    project = laptop / "labels.v001.slp"
    project.touch()
    choose_home(far, place, project)
    job = submit_training(far, project)
    (there,) = place.glob("labels.v001.slp.training_job.*")
    far.refresh()
    assert (far.local_folder(job) / RECORD_NAME).is_file()
    assert (there / RECORD_NAME).is_file()
    assert not list(Path(there).glob(".remote-proof-*"))
    assert not (there / "remote-job.claim").exists()
