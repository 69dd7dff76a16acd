"""What takes a file's place is for those whom that file was for, and nobody else."""

from __future__ import annotations

import os

import pytest

from sleap_remote_plugin.jobs.group import take_rights

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


@pytest.fixture
def two(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"")
    os.utime(str(old), (0, 0))
    new.write_bytes(b"")
    return old, new


@pytest.mark.parametrize("rights", [0o664, 0o600, 0o640, 0o444])
def test_rights_are_taken_and_the_time_is_not(two, rights):
    old, new = two
    old.chmod(rights)
    take_rights(new, old)
    assert new.stat().st_mode & 0o777 == rights
    assert new.stat().st_mtime > 0


@pytest.mark.parametrize(
    ("rights", "left"), [(0o660, 0o600), (0o664, 0o644), (0o666, 0o666), (0o640, 0o600)]
)
def test_a_group_that_it_was_not_for_gets_no_more_than_everybody(
    two, monkeypatch, rights, left
):
    old, new = two
    old.chmod(rights)
    real = os.stat

    def of_another_group(path, **options):
        found = real(path, **options)
        if str(path) == str(old):
            values = list(found)
            values[5] += 1
            found = os.stat_result(values)
        return found

    def refuse(*_arguments):
        raise PermissionError(1, "Operation not permitted")

    # Root may give any group away: a user who may not is stood in for.
    monkeypatch.setattr(os, "stat", of_another_group)
    monkeypatch.setattr(os, "chown", refuse)
    take_rights(new, old)
    assert real(str(new)).st_mode & 0o777 == left
