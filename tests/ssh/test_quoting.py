from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sleap_remote_plugin.ssh.local import LocalTransport
from sleap_remote_plugin.ssh.shell import quoted

ARGUMENT = st.text(
    st.characters(blacklist_characters="\x00", blacklist_categories=("Cs",)),
    max_size=30,
)
HOSTILE = ["", " ", "$(touch x)", "`id`", "a'b\"c", "-rf", "\n", "*", "~", "!x", "é\t;"]
SHOW = "import sys, json; sys.stdout.write(json.dumps(sys.argv[1:]))"


@pytest.mark.parametrize("login_shell", [True, False])
def test_hostile_arguments_arrive_as_they_are(connected, login_shell):
    result = connected().run(["python3", "-c", SHOW, *HOSTILE], login_shell=login_shell)

    assert json.loads(result.stdout) == HOSTILE


def test_any_argument_arrives_as_it_is_through_a_login_shell(connected):
    transport = connected()

    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.lists(ARGUMENT, max_size=4))
    def arrives(arguments):
        result = transport.run(["python3", "-c", SHOW, *arguments])
        assert json.loads(result.stdout) == arguments

    arrives()


def test_a_local_transport_passes_hostile_arguments_too():
    result = LocalTransport().run(["python3", "-c", SHOW, *HOSTILE])

    assert json.loads(result.stdout) == HOSTILE


def test_a_quoted_line_has_one_word_for_each_argument():
    import shlex

    assert shlex.split(quoted(HOSTILE)) == HOSTILE
