"""The connection cut at every step of a submission: one job or none, and told."""

from __future__ import annotations

import pytest

from sleap_remote_plugin.errors import RemoteError
from tests.faults.child import STEPS
from tests.faults.trial import fingerprint, submit

pytestmark = pytest.mark.cluster
long = pytest.mark.faults
SENT = list(STEPS)[list(STEPS).index("ready to send") + 1 :]


@pytest.mark.parametrize(
    "step",
    [
        step if step == "ready to send" else pytest.param(step, marks=long)
        for step in STEPS
    ],
)
def test_the_connection_cut_at_any_step_leaves_one_job_or_none(
    trials, open_it, monkeypatch, step
):
    package = trials.package()
    before = fingerprint(package.folder)
    session = open_it()
    place, name, which = STEPS[step]
    real = getattr(place, name)
    calls = []

    def cut(*args, **kwargs):
        calls.append(1)
        if len(calls) == which:
            trials.practice.fail("gateway")
        return real(*args, **kwargs)

    monkeypatch.setattr(place, name, cut)
    try:
        said = submit(session, package).note
    except RemoteError as error:
        said = str(error)
    trials.practice.mend()
    intended = (1, 1) if step in SENT or not said else (0, 0)
    trials.settled(session)
    trials.judge("connection cut", "before " + step, session, package, before, intended)
    if intended == (0, 0):
        assert "Nothing was" in said or "not sent twice" in said, said
        submit(session, package)
        where = "before {}, again".format(step)
        trials.judge("connection cut", where, session, package, before, (1, 1))
