"""One session with a real cluster: what a job goes through, and what goes wrong.

Real SLURM, real sshd on two hops, a real mount; no window.
"""

from __future__ import annotations

import logging
import re
import shutil
from pathlib import Path

import pytest

from sleap_remote_plugin.errors import (
    ClusterBusy,
    CommandTimedOut,
    ConnectionFailed,
    ModuleMissing,
    MountNotProven,
    ResultsMissing,
    SignInRefused,
    SubmissionRefused,
)
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.job import JobKind, JobState
from sleap_remote_plugin.jobs.prediction import PredictionRequest, VideoInput
from sleap_remote_plugin.jobs.record import RECORD_NAME, SCRIPT_NAME, load_record
from sleap_remote_plugin.session import recover
from sleap_remote_plugin.session.mount import prove_mount
from sleap_remote_plugin.ssh.transport import Transport
from tests.cluster.laptop import (
    any_generation,
    broken_package,
    connect,
    resources,
    submit_training,
    wait_for,
)

pytestmark = pytest.mark.cluster

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "sleap"


def queue_of(practice):
    """SLURM ids that the queue shows as waiting or running, by the cluster itself."""
    shown = practice.run("gateway", ["squeue", "-h", "-o", "%A"])
    assert shown.returncode == 0, shown.stderr
    return shown.stdout.split()


class Wrapped(Transport):
    """A transport whose sbatch goes as a test says; all else goes through."""

    def __init__(self, inner):
        self.inner = inner

    def run(self, argv, **kwargs):
        if "sbatch" in argv:
            return self.sbatch(argv, **kwargs)
        return self.inner.run(argv, **kwargs)

    def connect(self):
        self.inner.connect()

    def close(self):
        self.inner.close()

    @property
    def is_connected(self):
        return self.inner.is_connected

    @property
    def user(self):
        return self.inner.user


class AnswerLost(Wrapped):
    """SLURM takes the job, and its answer never comes."""

    def sbatch(self, argv, **kwargs):
        assert self.inner.run(argv, **kwargs).exit_code == 0
        raise CommandTimedOut("sbatch gave no answer within 60 seconds.")


class CutBefore(Wrapped):
    """The connection goes before sbatch is sent."""

    def sbatch(self, argv, **kwargs):
        raise ConnectionFailed("The connection to the gateway was lost.", sent=False)


class Killed(Wrapped):
    """The program is ended before sbatch is sent."""

    def sbatch(self, argv, **kwargs):
        raise KeyboardInterrupt


# -- the mount -----------------------------------------------------------------------


def test_the_mount_is_proven_by_a_nonce_that_does_not_stay(session, place):
    prove_mount(place, str(session.to_cluster(str(place))), session.transport)

    assert list(place.iterdir()) == []


def test_the_mount_is_refused_when_another_disk_is_there(session, practice, place):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    practice.fail("disk-unmounted")
    package.folder.mkdir(parents=True)  # as an export would, onto the laptop's disk
    try:
        with pytest.raises(MountNotProven, match="was not found there") as caught:
            submit_training(session, package)
        assert "Nothing was submitted" in str(caught.value)
        assert list(package.folder.iterdir()) == []
    finally:
        shutil.rmtree(str(place), ignore_errors=True)
        practice.mend("disk-unmounted")

    assert session.jobs() == ()
    assert queue_of(practice) == []


def test_a_mount_that_may_not_be_written_is_refused(session, practice, place):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    before = sorted(path.name for path in package.folder.iterdir())
    practice.fail("disk-readonly")
    with pytest.raises(MountNotProven, match="cannot be written from this machine"):
        submit_training(session, package)

    assert session.jobs() == ()
    assert sorted(path.name for path in package.folder.iterdir()) == before


# -- submitting ----------------------------------------------------------------------


def test_sbatchs_refusal_is_told_in_its_own_words_and_leaves_no_job(
    session, practice, place
):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    with pytest.raises(SubmissionRefused) as caught:
        submit_training(session, package, partition="no-such-partition")

    assert "invalid partition specified: no-such-partition" in str(caught.value)
    assert "Nothing was submitted" in str(caught.value)
    assert session.jobs() == ()
    assert queue_of(practice) == []
    record = load_record(package.folder)
    assert record.state is JobState.CANCELLED
    assert "not submitted" in record.note


def test_a_training_whose_config_is_broken_fails_with_its_log_and_a_reason(
    session, place
):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    job = submit_training(session, package)
    assert job.state is JobState.QUEUED
    assert re.fullmatch(r"\d+", job.slurm_id)

    job = wait_for(session, job, lambda job: job.state.is_final)
    assert job.state is JobState.FAILED
    assert job.note == ""
    # A mount may show the job's own account a second later than SLURM its end.
    job = wait_for(session, job, lambda job: job.tasks[0].exit_code is not None)
    assert [task.exit_code for task in job.tasks] == [1]
    assert package.models[0].config in session.log_tail(job)
    found = session.diagnose(job)
    assert found is not None
    assert found.cause
    assert "submit it again" in found.remedy
    assert load_record(package.folder).state is JobState.FAILED
    with pytest.raises(ResultsMissing, match="Nothing was loaded"):
        session.results(job)
    head = job.tasks[0].title
    told = " ".join(line.words for line in session.history(job))
    assert "Started on " in told
    assert head + " ended with exit code 1." in told
    there = {place.title: place.is_there for place in session.places_of(job)}
    assert (there["Log"], there["Model: " + head]) == (True, False)
    assert session.offer(job, found).text


def test_a_job_is_submitted_once_when_sbatchs_answer_is_lost(
    session, practice, place, held
):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    session.transport = AnswerLost(session.transport)
    job = submit_training(session, package)

    assert job.state is JobState.UNCONFIRMED
    assert job.slurm_id == ""
    assert "not sent twice" in job.note
    (found,) = [one for one in session.refresh() if one.uid == job.uid]
    assert found.state is JobState.QUEUED
    assert queue_of(practice) == [found.slurm_id]
    assert load_record(package.folder).slurm_id == found.slurm_id


def test_nothing_is_submitted_when_the_connection_is_lost_before_sbatch(
    session, practice, place
):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    session.transport = CutBefore(session.transport)
    with pytest.raises(ConnectionFailed):
        submit_training(session, package)

    assert session.jobs() == ()
    assert queue_of(practice) == []
    assert load_record(package.folder).state is JobState.CANCELLED


def test_a_job_submitted_while_slurm_is_down_is_in_no_list(session, practice, place):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    practice.fail("slurmctld")
    with pytest.raises(ClusterBusy, match="Nothing was submitted"):
        submit_training(session, package)

    assert session.jobs() == ()


def test_a_job_is_submitted_again_with_changes_and_knows_its_parent(
    session, practice, place, held
):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    with pytest.raises(SubmissionRefused):
        submit_training(session, package, partition="no-such-partition")
    refused = load_record(package.folder)

    job = session.resubmit(refused, resources())  # the package was kept
    shown = session.preview_resubmit(
        job, resources(time=1200), job.name, session.module_of(job)
    )
    again = session.resubmit(job, resources(time=1200))

    assert (job.parent, again.parent) == (refused.uid, job.uid)
    assert session.local_folder(job) == package.folder
    assert session.local_folder(again) != package.folder
    assert sorted(queue_of(practice)) == sorted([job.slurm_id, again.slurm_id])
    script = (session.local_folder(again) / SCRIPT_NAME).read_text("utf-8")
    assert re.search(r"(?m)^#SBATCH --time=00:20:00$", script)
    assert without_uid(shown) == without_uid(script)


def test_slurm_takes_the_advanced_options(session, practice, place, held):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    job = submit_training(
        session,
        package,
        begin="now+2hours",
        dependency="singleton",
        mail="jane@example.org",
        constraint="",
        extra="--nice=77\n--deadline=now+3days",
    )
    told = practice.run_as_root(
        "gateway", ["scontrol", "show", "job", job.slurm_id]
    ).stdout

    for word in ("Nice=77", "MailUser=jane@example.org", "Deadline=2"):
        assert word in told
    assert job.resources.begin == "now+2hours"


def without_uid(script):
    """A script without what is new in each job: its uid."""
    lines = script.splitlines()
    return [line for line in lines if not re.search("[0-9a-f]{8}", line)]


def test_what_waits_for_a_cancelled_job_is_cancelled_too(
    session, practice, place, held
):
    def after(number, dependency=""):
        folder = place / "labels.slp.training_job.{}".format(number)
        package = broken_package(folder, any_generation(session))
        return submit_training(session, package, dependency=dependency)

    first = after(1)
    second = after(2, "afterok:" + first.slurm_id)
    third = after(3, "afterok:" + second.slurm_id)
    other = after(4, "afterany:" + first.slurm_id)

    session.cancel(first)

    for job in (first, second, third):
        job = wait_for(session, job, lambda job: job.state.is_final)
        assert job.state is JobState.CANCELLED
    assert queue_of(practice) == [other.slurm_id]


# -- following -----------------------------------------------------------------------


def test_a_cancelled_job_is_confirmed_by_slurm(session, practice, place, held):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    job = submit_training(session, package)

    job = wait_for(session, session.cancel(job), lambda job: job.state.is_final)

    assert job.state is JobState.CANCELLED
    assert queue_of(practice) == []
    found = session.diagnose(job)
    assert found is not None
    assert "cancelled" in found.cause.lower()


def test_the_reason_why_a_job_waits_is_told(session, place, held):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    job = submit_training(session, package)

    job = wait_for(session, job, lambda job: job.reason == "PartitionDown")

    assert job.state is JobState.QUEUED
    assert "partition" in job.note.lower()


def test_a_job_array_of_several_videos_is_shown_as_a_whole(
    session, practice, place, held
):
    job = submit_prediction(session, place, videos=("a.mp4", "b.mp4", "c.mp4"))
    assert len(job.tasks) == 3
    job = wait_for(session, job, lambda job: job.reason)
    assert job.state is JobState.QUEUED

    held()
    job = wait_for(session, job, lambda job: job.state is JobState.RUNNING)
    # One task that has ended does not end the whole.
    job = wait_for(session, job, lambda job: job.state.is_final, 120)

    assert job.state is JobState.FAILED
    wait_for(session, job, lambda job: {t.exit_code for t in job.tasks} != {None})
    log = session.log_tail(job)
    assert all("slurm-{}_{}.out".format(job.slurm_id, n) in log for n in range(3))


def test_accounting_that_is_down_changes_no_state(session, practice, place, held):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    job = submit_training(session, package)
    job = wait_for(session, job, lambda job: job.reason)
    practice.fail("slurmdbd")

    (after,) = session.refresh()
    assert (after.state, after.slurm_id) == (job.state, job.slurm_id)
    assert session.troubles == ()  # the queue knows the job: nobody was needed

    # One that the queue has never heard of: only the accounts could tell.
    session.store.add(job.changed(slurm_id="999999"))
    (after,) = session.refresh()
    assert after.state is job.state
    assert "accounting does not answer" in session.troubles[0]
    session.store.add(job)


def test_a_controller_that_is_down_leaves_the_last_states_and_a_sentence(
    session, practice, place, held
):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    job = submit_training(session, package)
    job = wait_for(session, job, lambda job: job.reason)
    practice.fail("slurmctld")

    (after,) = session.refresh()

    assert after.state is JobState.QUEUED
    assert after.slurm_id == job.slurm_id
    assert any("queue does not answer" in text for text in session.troubles)


def test_a_job_is_found_again_after_the_program_was_killed(
    session, open_it, place, held
):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    # Killed while sbatch answers: what is in the store and on the mount is all.
    job = submit_training(session, package)
    session.store.add(job.changed(state=JobState.SUBMITTING, slurm_id=""))
    session.disconnect()

    again = open_it()
    (found,) = again.refresh()

    assert (found.uid, found.slurm_id) == (job.uid, job.slurm_id)
    assert found.state is JobState.QUEUED


def test_a_program_killed_before_sbatch_leaves_a_doubt_that_ends_in_words(
    session, practice, place, monkeypatch
):
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    session.transport = Killed(session.transport)
    with pytest.raises(KeyboardInterrupt):
        submit_training(session, package)
    (job,) = session.refresh()
    assert job.state is JobState.UNCONFIRMED
    assert "not sent twice" in job.note

    monkeypatch.setattr(recover, "DOUBT_PATIENCE", -1.0)
    (job,) = session.refresh()
    assert job.state is JobState.LOST
    assert "submit it again" in job.note
    assert queue_of(practice) == []


# -- modules -------------------------------------------------------------------------


def test_the_module_is_chosen_by_the_packages_generation(session, practice):
    for generation in Generation:
        name = practice.modules.get(generation.value)
        if name is None:
            continue
        chosen = session.choose_module(generation, practice.sleap_versions[name])
        assert chosen.name == name
        assert chosen.generation is generation
        assert session.choose_module(generation, "0.0.1").name == name


@pytest.fixture
def without_legacy(practice):
    """The cluster's people have taken SLEAP's old module away."""
    name = practice.modules.get("legacy")
    if name is None or len(practice.modules) < 2:
        pytest.skip("needs a cluster with modules of both generations")
    there = "{}/apps/modulefiles/{}".format(practice.cluster_mount, name)
    away = practice.cluster_mount + "/apps/taken-away"
    practice.run_as_root("gateway", ["mv", there, away])
    yield
    practice.run_as_root("gateway", ["mv", away, there])


def test_a_generation_that_the_cluster_lacks_is_told_with_what_it_has(
    session, practice, without_legacy
):
    with pytest.raises(ModuleMissing, match="Nothing was submitted") as caught:
        session.choose_module(Generation.LEGACY, "1.3.1")

    assert Generation.LEGACY.title in str(caught.value)
    assert practice.modules["current"] in str(caught.value)


# -- predictions ---------------------------------------------------------------------


def submit_prediction(session, place, videos=("a.mp4",), models=("models/gone",)):
    for name in videos:
        if not (place / name).exists():
            (place / name).write_bytes(b"no video")
    project = place / "labels.slp"
    project.touch()
    generation = any_generation(session)
    return session.submit_prediction(
        PredictionRequest(
            tuple(str(place / model) for model in models),
            tuple(VideoInput(str(place / v), i) for i, v in enumerate(videos)),
        ),
        resources(),
        project=str(project),
        name="labels predictions",
        module=session.choose_module(generation, ""),
    )


def test_a_prediction_whose_models_are_gone_fails_in_words(session, place):
    job = submit_prediction(session, place)
    job = wait_for(session, job, lambda job: job.state.is_final, 120)

    assert job.state is JobState.FAILED
    found = session.diagnose(job)
    assert found is not None
    assert found.cause.startswith("A file was not where the job looked for it")
    assert "Check that it lies on the cluster's disk" in found.remedy
    with pytest.raises(ResultsMissing, match="no predictions for a.mp4"):
        session.results(job)
    left = [p.name for p in (session.local_folder(job) / "predictions").iterdir()]
    assert left == []


def test_real_models_predict_and_the_predictions_open(session, practice, place):
    models = SHARED / "models" / "minimal_robot.UNet.single_instance"
    if not models.is_dir() or "legacy" not in practice.modules:
        pytest.skip("needs trained models beside the checkout, and SLEAP 1.3's module")
    shutil.copytree(str(models), str(place / models.name))
    shutil.copy(str(SHARED / "small_robot.mp4"), str(place))
    (place / "labels.slp").touch()
    job = session.submit_prediction(
        PredictionRequest(
            (str(place / models.name),),
            (VideoInput(str(place / "small_robot.mp4"), 0, "0-19"),),
        ),
        resources(),
        project=str(place / "labels.slp"),
        name="labels predictions",
        module=session.choose_module(Generation.LEGACY, "1.3.1"),
    )

    job = wait_for(session, job, lambda job: job.state.is_final, 180)

    assert job.state is JobState.COMPLETED, session.log_tail(job)
    (found,) = session.results(job).predictions
    assert found.video == str(place / "small_robot.mp4")
    assert predicted_frames(found.path) == set(range(20))


def predicted_frames(path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(str(path), "r") as file:
        return {int(frame["frame_idx"]) for frame in file["frames"]}


# -- secrets -------------------------------------------------------------------------


def test_a_wrong_password_is_tried_once_and_forgotten(practice, open_it, fingerprints):
    session = open_it(sign_in=False)
    with pytest.raises(SignInRefused) as caught:
        connect(session, "wr0ng-password", fingerprints)
    assert "wr0ng" not in str(caught.value) + caught.value.detail
    log = session.transport.log_lines()
    assert len([line for line in log if ": refused" in line]) == 1, log
    assert session.credentials.get(practice.user, caught.value.host) is None
    # Asked again, the user types the right one.
    session.give_password(caught.value, practice.password, keep=False)
    connect(session, practice.password, fingerprints)
    assert session.transport.is_connected


def test_the_password_is_in_no_file_of_ours(open_it, practice, place, home, caplog):
    caplog.set_level(logging.DEBUG)
    session = open_it()
    session.set_user(practice.user)
    session.settings.keep_resources(
        session.profile.name, JobKind.TRAIN, any_generation(session), resources()
    )
    package = broken_package(place / "labels.slp.training_job", any_generation(session))
    submit_training(session, package, partition="cpu", gpus=0)
    secret = practice.password.encode("utf-8")

    seen = []
    for root in (home, Path(practice.local_mount)):
        for path in root.rglob("*"):
            if path.is_file() and "apps" not in path.parts:
                seen.append(path.name)
                assert secret not in path.read_bytes(), path
    assert {"jobs.sqlite", "settings.json", "known_hosts"} <= set(seen)
    assert {RECORD_NAME, SCRIPT_NAME} <= set(seen)
    assert practice.password not in "\n".join(session.transport.log_lines())
    assert practice.password not in caplog.text
    ours = practice.run("gateway", ["squeue", "-h", "-o", "%Z %j %k"]).stdout
    assert practice.password not in ours
