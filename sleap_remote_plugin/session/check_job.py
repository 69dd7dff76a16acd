"""Follows the check's short job to its end, and says what came of it.

How it is made and taken away is in check_gpu.py, what it printed in gpu_report.py.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Generator, Optional, Union

from sleap_remote_plugin.jobs.job import JobReport, JobState
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.check_line import Asked, CheckLine
from sleap_remote_plugin.session.gpu_report import (
    Findings,
    has_ended,
    job_lines,
    read_findings,
)
from sleap_remote_plugin.slurm import commands, output
from sleap_remote_plugin.slurm.text import lines_of
from sleap_remote_plugin.words import tr

#: Seconds: how long it may wait for its start; between two looks at its log, and two
#: questions to SLURM; how late its log may be.
MOST_WAITING = 900.0
BETWEEN_LOOKS, BETWEEN_QUESTIONS = 2.0, 5.0
LOG_ARRIVES_WITHIN = 15.0

#: What the job writes, in its folder.
LOG = "check.out"
_READ = 'cat -- "$1/$2" 2>/dev/null; exit 0'


@dataclass(frozen=True)
class Run:
    """One such job: its name, its folder there, its id."""

    mark: str
    folder: str
    slurm_id: str


def follow(
    asked: Asked, run: Run, resources: Resources
) -> Generator[Union[str, CheckLine], None, bool]:
    """Look every few seconds, then tell its lines; whether it ran to its end."""
    watch = _Watch(asked, run)
    while True:
        watch.look()
        if watch.is_through or watch.is_over:
            yield _where_it_ran(run, resources)
            if watch.report is not None and not watch.is_through:
                yield _ended_badly(asked, run, watch.report, watch.text)
            yield from job_lines(asked, watch.found, bool(resources.gpus))
            return watch.is_through
        if not watch.has_started and watch.waited > MOST_WAITING:
            yield _never_started(run, resources, watch)
            return False
        end = time.monotonic() + BETWEEN_LOOKS
        while time.monotonic() < end:
            yield _how_it_stands(run, watch)  # where it can be cancelled
            time.sleep(0.1)


class _Watch:
    """What is known of the running job."""

    def __init__(self, asked: Asked, run: Run) -> None:
        self.text = ""
        self.found: Findings = {}
        self.report: Optional[JobReport] = None
        self._asked = asked
        self._run = run
        self._began = self._last_asked = asked.session.clock()
        self._over_since: Optional[float] = None

    @property
    def waited(self) -> float:
        return self._asked.session.clock() - self._began

    @property
    def has_started(self) -> bool:
        return "node" in self.found or self._over_since is not None

    @property
    def is_through(self) -> bool:
        return has_ended(self.found)

    @property
    def is_over(self) -> bool:
        """Whether SLURM has said so, long enough ago for the log to be here."""
        now, since = self._asked.session.clock(), self._over_since
        return since is not None and now - since > LOG_ARRIVES_WITHIN

    def look(self) -> None:
        """Read the log; ask SLURM when that is due."""
        transport, now = self._asked.session.transport, self._asked.session.clock()
        argv = ["sh", "-c", _READ, "sh", self._run.folder, LOG]
        self.text = transport.run(argv, login_shell=False).stdout
        self.found = read_findings(self.text, self._run.mark)
        if self.is_through or now - self._last_asked < BETWEEN_QUESTIONS:
            return
        self._last_asked = now
        self.report = self._ask() or self.report
        state = self.report.state if self.report is not None else None
        over = state is not None and (state.is_final or state is JobState.FINISHING)
        self._over_since = (self._over_since or now) if over else None

    def _ask(self) -> Optional[JobReport]:
        """What SLURM says; None while it does not know."""
        for argv, read in (
            (commands.queue([self._run.slurm_id]), output.read_queue),
            (commands.accounting([self._run.slurm_id]), output.read_accounting),
        ):
            found = read(self._asked.session.transport.run(argv).stdout)
            if found:
                return found[-1]
        return None


# -- sentences -------------------------------------------------------------------------


def _how_it_stands(run: Run, watch: _Watch) -> str:
    if "importing" in watch.found:
        return tr("SLEAP on the node (importing it takes up to a minute)")
    if "node" in watch.found:
        return tr("the GPU of ") + watch.found["node"][-1][:80]
    return tr("job {}, which waits for its start{}").format(run.slurm_id, _why(watch))


def _why(watch: _Watch) -> str:
    """Why SLURM lets it wait, in brackets."""
    reason = watch.report.reason if watch.report is not None else ""
    words = output.reason_in_words(reason) if reason else ""
    return " ({})".format(words.rstrip(".")) if words else ""


def _where_it_ran(run: Run, resources: Resources) -> CheckLine:
    text = tr("Job {} ran in partition {}{}.").format(
        run.slurm_id,
        resources.partition,
        "" if resources.gpus else tr(", which has no GPUs"),
    )
    if resources.gpus:
        return CheckLine(tr("GPU job"), "ok", text)
    remedy = tr("No partition with GPUs is up just now: look at Partitions above.")
    return CheckLine(tr("GPU job"), "warn", text, remedy)


def _ended_badly(asked: Asked, run: Run, report: JobReport, text: str) -> CheckLine:
    last = [line.strip() for line in lines_of(text)][-1:]
    return CheckLine(
        tr("GPU job"),
        "fail",
        tr("Job {} ended as {} ({}) before it was through.{}").format(
            run.slurm_id,
            report.raw_state or "unknown",
            report.node or tr("no node"),
            tr(" Its last words: “{}”.").format(last[0][:200]) if last else "",
        ),
        tr("Check again; if it stays so, tell {} about the node.").format(
            asked.whom_to_ask
        ),
    )


def _never_started(run: Run, resources: Resources, watch: _Watch) -> CheckLine:
    return CheckLine(
        tr("GPU job"),
        "warn",
        tr(
            "Job {} did not start in partition {} within {:.0f} minutes{}. It was "
            "cancelled."
        ).format(run.slurm_id, resources.partition, watch.waited / 60, _why(watch)),
        tr("The cluster is busy: ask for the GPU check again later."),
    )
