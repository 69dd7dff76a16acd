"""Lines out of what the check's short job printed."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.cluster import Address, ClusterProfile, SleapModule
from sleap_remote_plugin.jobs.resources import Resources
from sleap_remote_plugin.session.check_line import Asked
from sleap_remote_plugin.session.gpu_report import (
    has_ended,
    job_lines,
    read_findings,
)
from sleap_remote_plugin.shipped import shipped
from sleap_remote_plugin.slurm.script import render_check

MARK = "0123456789abcdef"
ASKED = Asked(
    SimpleNamespace(profile=ClusterProfile("hpc", "HPC", Address("g"), contact="IT"))
)

#: A node on which all is well, in SLEAP's newer generation.
GOOD = (
    ("node", "gpu-sr670-20"),
    ("devices", "0"),
    ("nvidia_exit", "0"),
    ("nvidia", "NVIDIA RTX A4500, 20470 MiB, 535.183.01"),
    ("module_exit", "0"),
    ("modules", "cuda/11.8:SLEAP/2026-05-08"),
    ("which_python", "/ceph/apps/SLEAP/bin/python"),
    ("importing", "SLEAP"),
    ("python", '["3.11.7", "/ceph/apps/SLEAP/bin/python"]'),
    ("sleap", '"1.6.3"'),
    ("import_seconds", "41.2"),
    ("sleap_nn", '"0.3.1"'),
    ("framework", '"PyTorch 2.7.1 (CUDA 12.8)"'),
    ("gpus", '["NVIDIA RTX A4500"]'),
    ("capability", "[8, 6]"),
    ("computed", "true"),
    ("python_exit", "0"),
    ("ended", "now"),
)
OLD = {
    "sleap": '"1.3.1"',
    "sleap_nn": None,
    "framework": '"TensorFlow 2.8.4"',
    "gpus": '["/physical_device:GPU:0"]',
    "capability": None,
}


def log_of(**changes):
    """The log of a good job with some findings changed, or left out (None)."""
    lines = ["Loading SLEAP/2026-05-08", "  Loading requirement: cuda/11.8"]
    for name, value in GOOD:
        value = changes.get(name, value)
        if value is not None:
            lines.append("{} {} {}".format(MARK, name, value))
        lines.append("INFO: a library says something")
    return "\n".join(lines)


def lines_of(**changes):
    found = read_findings(log_of(**changes), MARK)
    return {line.subject: line for line in job_lines(ASKED, found, True)}


def test_a_good_node_is_four_good_lines():
    lines = lines_of()
    assert {line.verdict for line in lines.values()} == {"ok"}
    assert "NVIDIA RTX A4500 with 20470 MiB (driver 535" in lines["nvidia-smi"].text
    assert "/ceph/apps/SLEAP/bin/python" in lines["which python"].text
    assert lines["SLEAP on the node"].text == (
        "SLEAP 1.6.3, PyTorch 2.7.1 (CUDA 12.8), sleap-nn 0.3.1, Python 3.11.7. "
        "It took 41 s to import."
    )
    assert "NVIDIA RTX A4500" in lines["GPU for SLEAP"].text


def test_the_older_sleap_has_no_sleap_nn():
    lines = lines_of(**OLD)
    assert {line.verdict for line in lines.values()} == {"ok"}
    assert "SLEAP 1.3.1, TensorFlow 2.8.4, Python" in lines["SLEAP on the node"].text
    assert "/physical_device:GPU:0" in lines["GPU for SLEAP"].text


NO_DRIVER = (
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. "
    "Make sure that the latest NVIDIA driver is installed and running."
)
MISMATCH = "Failed to initialize NVML: Driver/library version mismatch"


@pytest.mark.parametrize(
    ("changes", "subject", "words"),
    [
        ({"nvidia_exit": "missing", "nvidia": None}, "nvidia-smi", "no nvidia-smi on"),
        ({"nvidia_exit": "9", "nvidia": NO_DRIVER}, "nvidia-smi", "couldn't commun"),
        ({"nvidia_exit": "18", "nvidia": MISMATCH}, "nvidia-smi", "version mismatch"),
        ({"nvidia_exit": "6", "nvidia": "No devices"}, "nvidia-smi", "No devices"),
        ({"nvidia": None}, "nvidia-smi", "it shows no GPU"),
        ({"module_exit": "1", "modules": "none"}, "which python", "loaded: none"),
        ({"which_python": "missing"}, "which python", "brings no python"),
        (
            {"sleap": None, "framework": None, "gpus": None,
             "error": None, "python_exit": "1"},
            "SLEAP on the node", "exit code 1",
        ),
        ({"gpus": "[]"}, "GPU for SLEAP", "sees no GPU"),
        ({"computed": None, "python_exit": "1"}, "GPU for SLEAP", "cannot compute"),
        ({"computed": "false"}, "GPU for SLEAP", "cannot compute"),
    ],
)  # fmt: skip
def test_what_is_wrong_on_a_node_is_a_fault_with_a_remedy(changes, subject, words):
    line = lines_of(**changes)[subject]
    assert line.verdict == "fail"
    assert words in line.text
    assert line.remedy


def test_an_import_that_fails_says_why():
    log = log_of(framework=None, gpus=None, computed=None) + (
        '\n{} error "ImportError: libcuda.so.1: cannot open shared object file"'
    ).format(MARK)
    lines = list(job_lines(ASKED, read_findings(log, MARK), True))
    assert lines[-1].verdict == "fail"
    assert "libcuda.so.1" in lines[-1].text


def test_two_cards_are_both_named():
    log = log_of() + "\n{} nvidia NVIDIA A100-SXM4-40GB, 40960 MiB, 535.1".format(MARK)
    line = next(iter(job_lines(ASKED, read_findings(log, MARK), True)))
    assert "RTX A4500" in line.text
    assert "A100" in line.text


def test_a_job_without_a_gpu_has_no_line_about_one():
    found = read_findings(log_of(gpus="[]"), MARK)
    subjects = [line.subject for line in job_lines(ASKED, found, False)]
    assert subjects == ["which python", "SLEAP on the node"]


def test_only_marked_lines_count():
    found = read_findings("ended now\nother ended now\n" + MARK + "x ended now", MARK)
    assert not has_ended(found)


@given(st.lists(st.tuples(st.sampled_from([n for n, _ in GOOD]), st.text())))
def test_no_finding_breaks_the_lines(findings):
    text = "\n".join("{} {} {}".format(MARK, name, value) for name, value in findings)
    for line in job_lines(ASKED, read_findings(text, MARK), True):
        assert "\n" not in line.text
        assert bool(line.remedy) == (line.verdict != "ok")


def script():
    module = SleapModule("SLEAP/2026-05-08", "1.6.3")
    asked = Resources(partition="fast", gpus=1, cpus=2, memory=8 << 30, time=300)
    return render_check("sleap-check-1", MARK, "check.out", asked, module)


def test_the_script_is_bash_and_asks_for_little(tmp_path):
    path = tmp_path / "check.sbatch"
    path.write_text(script(), "utf-8")
    subprocess.run(["bash", "-n", str(path)], check=True)
    assert "#SBATCH --time=00:05:00\n" in script()
    assert "#SBATCH --gres=gpu:1\n" in script()


@pytest.mark.parametrize(
    ("version", "framework", "told"),
    [
        ("1.6.3", "torch", "gpus [\"Card\"]"),
        ("1.3.1", "tensorflow", "framework \"TensorFlow 2.8\""),
        ("1.6.3", "", "error \"ModuleNotFoundError"),
    ],
)  # fmt: skip
def test_the_look_at_sleap_tells_what_it_finds(tmp_path, version, framework, told):
    (tmp_path / "sleap.py").write_text("__version__ = {!r}".format(version))
    (tmp_path / "sleap_nn.py").write_text("__version__ = '0.3'")
    if framework == "torch":
        (tmp_path / "torch.py").write_text(
            "__version__ = '2.7'\n"
            "class version: cuda = '12.8'\n"
            "class cuda:\n"
            " is_available = staticmethod(lambda: True)\n"
            " device_count = staticmethod(lambda: 1)\n"
            " get_device_name = staticmethod(lambda n: 'Card')\n"
            " get_device_capability = staticmethod(lambda n: (8, 6))\n"
            "class ones:\n"
            " def __init__(self, shape, device): pass\n"
            " def sum(self): return 64.0\n"
        )
    if framework == "tensorflow":
        (tmp_path / "tensorflow.py").write_text(
            "__version__ = '2.8'\n"
            "class config: list_physical_devices = staticmethod(lambda kind: [])\n"
        )
    done = subprocess.run(
        [sys.executable, "-S", str(shipped("templates", "look_at_sleap.py"))],
        env=dict(os.environ, CHECK_MARK=MARK, PYTHONPATH=str(tmp_path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )
    assert "{} {}".format(MARK, told) in done.stdout, done.stderr
