"""Who may read what a job leaves, for users with different umasks; real modes."""

from __future__ import annotations

import os
import stat

import pytest

from sleap_remote_plugin.jobs.group import let_the_group_read
from sleap_remote_plugin.jobs.job import Job, JobKind
from sleap_remote_plugin.jobs.record import RECORD_NAME, save_record
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.qt import export
from sleap_remote_plugin.session.settings import Settings

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")

JOB = Job("0a", JobKind.TRAIN, "é", "p", "/f", "c", Resources())
CONFIG = (
    '{"training": [{"cfg": "a.yaml", "run_path": "models/a", "train_labels": "p"}]}'
)


@pytest.fixture(params=[0o077, 0o027, 0o022, 0o002], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path):
    return stat.S_IMODE(os.stat(str(path)).st_mode)


def folder_of(tmp_path, bits):
    made = tmp_path / "lab"
    made.mkdir()
    made.chmod(bits)
    return made


@pytest.mark.parametrize("bits", [0o2770, 0o750, 0o775])
def test_in_a_folder_of_the_lab_the_lab_reads_a_package_and_its_record(
    tmp_path, umask, bits
):
    lab, own = folder_of(tmp_path, bits), tmp_path / "own"
    (own / "models").mkdir(parents=True)
    (own / "a.yaml").write_text("x: 1")
    (own / "jobs.yaml").write_text(CONFIG)
    (own / "p").write_text("labels")
    (own / "models" / "x").write_text("weights")
    export.put_on_mount(own, lab / "p.slp.training_job", lambda *_: True)
    save_record(lab / "p.slp.training_job", JOB)
    for path in sorted((lab / "p.slp.training_job").rglob("*")):
        assert mode(path) & 0o040, path
        assert not path.is_dir() or mode(path) & 0o010, path
    assert mode(lab / "p.slp.training_job") & 0o050 == 0o050


def test_in_a_private_folder_everything_stays_as_the_umask_says(tmp_path, umask):
    private = folder_of(tmp_path, 0o700)
    save_record(private, JOB)
    assert mode(private / RECORD_NAME) == 0o666 & ~umask


def test_settings_are_nobody_elses(tmp_path, umask):
    shared = folder_of(tmp_path, 0o775)
    Settings(shared / "settings.json").set("user.lab", "jane")
    assert mode(shared / "settings.json") == 0o666 & ~umask


def test_what_is_somebody_elses_or_gone_is_left_alone(tmp_path):
    let_the_group_read(tmp_path / "gone", tmp_path)
    let_the_group_read(tmp_path / "gone", tmp_path / "gone too")
