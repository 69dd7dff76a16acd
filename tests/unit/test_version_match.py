"""Which of the cluster's SLEAPs is chosen, and what is said where none fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.jobs.cluster import SleapModule
from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.version_match import (
    best_module,
    described,
    difference_sentence,
    how_to_match,
    install_command,
    misfit_advice,
    misfit_sentence,
)

LEGACY, CURRENT = Generation.LEGACY, Generation.CURRENT


def of(*versions):
    return [SleapModule("SLEAP/{}".format(v), v) for v in versions]


ALL = of("1.2.9", "1.3.1", "1.3.3", "1.3.4", "1.6.3", "1.6.5", "1.6.10")


@pytest.mark.parametrize(
    ("own", "generation", "chosen"),
    [
        ("1.3.1", LEGACY, "1.3.1"),
        ("1.3.2", LEGACY, "1.3.3"),  # the next newer patch
        ("1.3.9", LEGACY, "1.3.4"),  # none newer: the next older one
        ("1.4.1", LEGACY, "1.3.4"),
        ("1.2.0", LEGACY, "1.2.9"),
        ("1.1.0", LEGACY, "1.2.9"),
        ("1.6.3", CURRENT, "1.6.3"),
        ("1.6.4", CURRENT, "1.6.5"),
        ("1.6.6", CURRENT, "1.6.10"),  # by number, not by letter
        ("1.5.2", CURRENT, "1.6.3"),
        ("1.7.0", CURRENT, "1.6.10"),
        ("", CURRENT, "1.6.10"),
        ("1.6.4a1", CURRENT, "1.6.5"),
    ],
)
def test_the_nearest_version_of_the_generation_is_chosen(own, generation, chosen):
    assert best_module(ALL, generation, own).sleap == chosen
    assert best_module(ALL[::-1], generation, own).sleap == chosen


def test_of_two_modules_with_one_version_the_later_name_is_chosen():
    twins = [SleapModule("SLEAP/2024-08-14", "1.3.3"), SleapModule("SLEAP/b", "1.3.3")]
    assert best_module(twins, LEGACY, "1.3.3").name == "SLEAP/b"
    assert best_module(twins, LEGACY, "1.3.1").name == "SLEAP/b"


def test_what_is_broken_or_of_unknown_version_is_not_chosen():
    broken = SleapModule("SLEAP/a", "1.3.1", "cannot be loaded", is_usable=False)
    assert best_module([broken, SleapModule("SLEAP/b")], LEGACY, "1.3.1") is None


@given(st.lists(st.from_regex(r"1\.\d{1,2}\.\d{1,2}", fullmatch=True)), st.text())
def test_what_is_chosen_is_always_of_the_generation(versions, own):
    for generation in Generation:
        best = best_module(of(*versions), generation, own)
        there = [m for m in of(*versions) if m.generation is generation]
        assert (best is None) == (not there)
        assert best is None or best.generation is generation


def test_a_module_is_shown_with_the_users_own_version_where_it_differs():
    module = SleapModule("SLEAP/2026-05-08", "1.6.3")
    assert described(module, "1.6.6") == "SLEAP/2026-05-08 (1.6.3; yours is 1.6.6)"
    assert described(module, "1.6.3") == "SLEAP/2026-05-08 (1.6.3)"
    assert described(SleapModule("SLEAP/x"), "1.6.3") == "SLEAP/x (version not known)"
    broken = SleapModule("SLEAP/y", "1.6.3", "cannot be loaded: no cuda", False)
    assert described(broken, "1.6.6") == "SLEAP/y (cannot be loaded: no cuda)"


def test_a_patch_that_differs_has_a_sentence_and_the_same_one_none():
    (module,) = of("1.6.3")
    assert difference_sentence("1.6.3", module) == ""
    text = difference_sentence("1.6.6", module)
    assert "SLEAP 1.6.3, yours is 1.6.6" in text
    assert install_command("1.6.3") in how_to_match("1.6.3")


@pytest.mark.parametrize(
    ("version", "system", "line"),
    [
        (
            "1.6.3",
            "linux",
            'uv tool install --python 3.13 "sleap[nn]==1.6.3" --torch-backend auto',
        ),
        (
            "1.3.4",
            "win32",
            "conda create -y -n sleap-1.3.4 -c conda-forge -c nvidia -c sleap "
            "-c anaconda sleap=1.3.4",
        ),
        (
            "1.4.1",
            "darwin",
            "conda create -y -n sleap-1.4.1 -c conda-forge -c sleap -c anaconda "
            "sleap=1.4.1",
        ),
    ],
)
def test_the_line_that_installs_a_sleap_is_its_own_pages(version, system, line):
    assert install_command(version, system) == line


def test_a_cluster_without_this_generation_is_told_with_what_to_install():
    text = misfit_sentence("SWC HPC", of("1.6.3", "1.6.5"), LEGACY)
    assert "SWC HPC has no module of SLEAP up to 1.4 (TensorFlow)" in text
    assert "SLEAP/1.6.3 (1.6.3), SLEAP/1.6.5 (1.6.5)" in text
    assert "Nothing was submitted or exported" in text
    assert "Install SLEAP 1.6.5 here" in text
    assert install_command("1.6.5") in misfit_advice(of("1.6.3", "1.6.5"), LEGACY)


def test_a_wrong_choice_is_told_with_those_that_fit():
    text = misfit_sentence(
        "SWC HPC", of("1.3.1", "1.3.4", "1.6.3"), LEGACY, "SLEAP/1.6.3"
    )
    assert "SLEAP/1.6.3 (1.6.3) is of another generation" in text
    assert "Modules that fit: SLEAP/1.3.1 (1.3.1), SLEAP/1.3.4 (1.3.4)." in text


def test_a_cluster_without_any_sleap_is_told():
    text = misfit_sentence("SWC HPC", [], CURRENT)
    assert "no SLEAP module at all" in text
    assert "modules: known" in misfit_advice([], CURRENT)


def test_of_many_modules_a_few_are_named():
    many = of(*("1.6.{}".format(patch) for patch in range(9)))
    text = misfit_sentence("SWC HPC", many, LEGACY)
    assert "SLEAP/1.6.3 (1.6.3), 5 others." in text
