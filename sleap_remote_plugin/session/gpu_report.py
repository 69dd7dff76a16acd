"""What the check's short job printed, as lines; all of it is untrusted text.

How the job is made and followed is in check_gpu.py.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Iterator, List

from sleap_remote_plugin.session.check_line import Asked, CheckLine
from sleap_remote_plugin.slurm.text import FIELD, lines_of
from sleap_remote_plugin.words import tr

Findings = Dict[str, List[str]]

_MODULE_REMEDY = tr("Choose another SLEAP module, and tell {} about this one.")


def read_findings(text: str, mark: str) -> Findings:
    """Values by name, of the lines that begin with the mark."""
    found: Findings = {}
    for line in lines_of(text):
        if line.startswith(mark + " "):
            name, _, value = line[len(mark) + 1 :].partition(" ")
            found.setdefault(name, []).append(value.strip()[: 4 * FIELD])
    return found


def has_ended(found: Findings) -> bool:
    return "ended" in found


def job_lines(asked: Asked, found: Findings, gpu_asked: bool) -> Iterator[CheckLine]:
    """All lines of a job that ran to its end."""
    if gpu_asked:
        yield gpu_line(asked, found)
    yield module_line(asked, found)
    if "python" in found:
        yield sleap_line(asked, found)
        if gpu_asked and "gpus" in found:
            yield view_line(asked, found)


def gpu_line(asked: Asked, found: Findings) -> CheckLine:
    """What nvidia-smi said."""
    node, code = _one(found, "node") or tr("the node"), _one(found, "nvidia_exit")
    cards = [line for line in found.get("nvidia", []) if line.count(",") == 2]
    if code == "missing":
        return CheckLine(
            "nvidia-smi",
            "fail",
            tr("There is no nvidia-smi on {}: it has no NVIDIA driver.").format(node),
            tr(
                "Tell {} which node it was, and exclude it when you submit: jobs there "
                "compute on the CPU."
            ).format(asked.whom_to_ask),
        )
    if code != "0" or not cards:
        said = " ".join(found.get("nvidia", []))[:FIELD] or tr("it shows no GPU")
        return CheckLine(
            "nvidia-smi",
            "fail",
            tr("On {} it fails: {}.").format(node, said.rstrip(".")),
            tr("Tell {} which node it was, and exclude it when you submit.").format(
                asked.whom_to_ask
            ),
        )
    words = []
    for card in cards:
        name, memory, driver = (part.strip() for part in card.split(","))
        words.append(tr("{} with {} (driver {})").format(name, memory, driver))
    return CheckLine("nvidia-smi", "ok", "{}: {}.".format(node, "; ".join(words)))


def module_line(asked: Asked, found: Findings) -> CheckLine:
    """Whether the module was loaded, and which python it brought."""
    python = _one(found, "which_python")
    loaded = _one(found, "modules").replace(":", ", ") or "none"
    if _one(found, "module_exit") != "0":
        return CheckLine(
            tr("which python"),
            "fail",
            tr("The SLEAP module could not be loaded on the node; loaded: {}.").format(
                loaded
            ),
            _MODULE_REMEDY.format(asked.whom_to_ask),
        )
    if python in ("", "missing"):
        return CheckLine(
            tr("which python"),
            "fail",
            tr("The module brings no python; loaded: {}.").format(loaded),
            _MODULE_REMEDY.format(asked.whom_to_ask),
        )
    return CheckLine(tr("which python"), "ok", "{} ({}).".format(python, loaded))


def sleap_line(asked: Asked, found: Findings) -> CheckLine:
    """Which SLEAP there is, or why it cannot be imported."""
    version = _text(found, "sleap")
    if not version:
        return CheckLine(
            tr("SLEAP on the node"),
            "fail",
            tr("SLEAP cannot be imported: {}.").format(_error(found)),
            _MODULE_REMEDY.format(asked.whom_to_ask),
        )
    words = ["SLEAP " + version]
    if _text(found, "sleap_nn"):
        words.append("sleap-nn " + _text(found, "sleap_nn"))
    framework = _text(found, "framework")
    python = _value(found, "python")
    if isinstance(python, list) and python:
        words.append("Python {}".format(python[0]))
    if not framework:
        return CheckLine(
            tr("SLEAP on the node"),
            "fail",
            tr("{} is there, but what it computes with cannot be imported: {}.").format(
                ", ".join(words), _error(found)
            ),
            _MODULE_REMEDY.format(asked.whom_to_ask),
        )
    words.insert(1, framework)
    took = _value(found, "import_seconds")
    slow = tr(" It took {:.0f} s to import.").format(took) if _is_number(took) else ""
    return CheckLine(tr("SLEAP on the node"), "ok", ", ".join(words) + "." + slow)


def view_line(asked: Asked, found: Findings) -> CheckLine:
    """Whether SLEAP can compute on the GPU."""
    gpus = _value(found, "gpus")
    names = [str(one)[:80] for one in gpus] if isinstance(gpus, list) else []
    if not names:
        return CheckLine(
            tr("GPU for SLEAP"),
            "fail",
            tr("SLEAP sees no GPU there: jobs compute on the CPU, many times slower."),
            tr(
                "Choose a module that fits the node's driver, or another GPU type; "
                "tell {} if nvidia-smi shows a GPU all the same."
            ).format(asked.whom_to_ask),
        )
    if _value(found, "computed") is not True:
        why = _error(found) if "error" in found else tr("the result was wrong")
        return CheckLine(
            tr("GPU for SLEAP"),
            "fail",
            tr("SLEAP sees {}, but cannot compute on it: {}.").format(names[0], why),
            tr(
                "The card may be too old for this SLEAP: choose another GPU type, or "
                "another module."
            ),
        )
    return CheckLine(
        tr("GPU for SLEAP"), "ok", tr("It computed on {}.").format(names[0])
    )


# -- single findings -------------------------------------------------------------------


def _one(found: Findings, name: str) -> str:
    return found.get(name, [""])[-1]


def _value(found: Findings, name: str) -> Any:
    """A finding that Python wrote as JSON; None where it is none."""
    try:
        return json.loads(_one(found, name))
    except ValueError:
        return None


def _text(found: Findings, name: str) -> str:
    value = _value(found, name)
    return value[:FIELD] if isinstance(value, str) else ""


def _error(found: Findings) -> str:
    text = _text(found, "error") or tr("python ended with exit code {}").format(
        _one(found, "python_exit") or "?"
    )
    return re.sub(r"\s+", " ", text).rstrip(".")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
