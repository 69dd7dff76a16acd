"""What breaks while the program is at work; and answers that are too much or no text.

A cut of two minutes is played with deadlines of seconds: what counts is whether the
cut is longer than they are.
"""

from __future__ import annotations

import threading

import pytest

from sleap_remote_plugin.errors import CommandTimedOut, ConnectionFailed, RemoteError
from tests.cluster.bad_days import TESTED_ONCE, Laptop, assert_sentence

pytestmark = [pytest.mark.cluster, TESTED_ONCE]

SHORT = {"quiet": 1.0, "probe": 1.0, "channel": 1.0, "connect": 2.0, "handshake": 2.0}
MARK = "sleep-of-a-bad-moment"


@pytest.fixture
def laptop(home, alone, whole_practice):
    made = []

    def make(**deadlines):
        made.append(Laptop(home, whole_practice, **deadlines))
        made[-1].works()
        return made[-1]

    yield make
    for one in made:
        one.session.disconnect()


def start_sleeping(laptop, seconds=100, timeout=90):
    """A command that runs; called back once the gateway's own eyes see it."""
    from practice_cluster.processes import wait_for

    argv = ["bash", "-c", "exec -a {} sleep {}".format(MARK, seconds)]
    answer = laptop.in_background(argv, timeout=timeout)
    ask = ["pgrep", "-f", "^" + MARK]

    def runs():
        return laptop.practice.run_as_root("gateway", ask).returncode == 0

    wait_for(runs, 30, "the command to run")
    return answer


@pytest.mark.parametrize("fault", ["gateway", "bastion", "network", "sshd-frozen"])
def test_what_breaks_under_a_command_leaves_a_doubt_in_words_and_is_mended(
    laptop, whole_practice, fault
):
    one = laptop(**SHORT)
    before = one.stored()
    answer = start_sleeping(one)
    whole_practice.fail(fault)
    error = answer()

    assert type(error) is ConnectionFailed
    assert error.sent
    assert_sentence(error, "connection to gateway was lost", "last answer is missing")
    assert not one.session.transport.is_connected
    # While it lasts each try is a sentence of its own, and nothing is sent.
    with pytest.raises(ConnectionFailed, match="Nothing was sent") as again:
        one.works()
    assert not again.value.sent
    assert_sentence(again.value)
    whole_practice.mend()
    one.works()
    assert one.stored() == before


def test_a_cut_that_ends_before_anybody_asks_is_not_noticed(laptop, whole_practice):
    one = laptop()
    answer = start_sleeping(one, seconds=3, timeout=60)
    whole_practice.fail("network")
    whole_practice.mend()
    result = answer()

    assert result.exit_code == 0
    assert sum("connecting" in x for x in one.session.transport.log_lines()) == 2


def test_a_cut_between_two_calls_takes_a_new_connection_without_a_question(
    laptop, whole_practice
):
    one = laptop(**SHORT)
    whole_practice.fail("network")
    with pytest.raises(ConnectionFailed) as caught:
        one.session.transport.run(["true"])
    assert_sentence(caught.value, "gateway")

    whole_practice.mend()
    one.works()


def test_a_gateway_that_was_started_anew_is_connected_to_unasked(
    laptop, whole_practice
):
    one = laptop(**SHORT)
    whole_practice.fail("gateway")
    whole_practice.mend()

    one.works()


def test_a_command_that_outlives_its_deadline_is_told_and_the_rest_goes_on(laptop):
    one = laptop()
    with pytest.raises(CommandTimedOut) as caught:
        one.session.transport.run(["sleep", "50"], timeout=1.0)

    assert caught.value.sent
    assert_sentence(caught.value, "gateway", "Nothing is sent twice")
    one.works()
    assert sum("connecting" in x for x in one.session.transport.log_lines()) == 2


def test_two_hundred_calls_at_once_are_all_answered_over_one_connection(laptop):
    one = laptop()
    answers = {}

    def ask(number):
        answers[number] = one.session.transport.run(
            ["echo", str(number)], timeout=120, login_shell=False
        ).stdout

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert answers == {n: "{}\n".format(n) for n in range(200)}
    assert sum("connecting" in x for x in one.session.transport.log_lines()) == 2


def test_output_that_is_no_utf_8_is_text_with_marks(laptop):
    argv = ["printf", r"caf\303\251 \377\376 \xc3 end\n"]
    answer = laptop().session.transport.run(argv)

    assert answer.stdout.startswith("caf\u00e9 \ufffd\ufffd ")
    assert answer.stdout.endswith("end\n")


def test_a_hundred_megabytes_of_output_on_both_streams_end_and_others_go_on(laptop):
    one = laptop()
    half = 50 << 20
    line = "head -c {0} /dev/zero | tr '\\0' x; head -c {0} /dev/zero >&2".format(half)
    try:
        answer = one.session.transport.run(["bash", "-c", line], timeout=120)
    except RemoteError as error:  # refusing so much is an answer too
        assert_sentence(error, "more than 64 MB")
    else:
        assert (len(answer.stdout), len(answer.stderr)) == (half, half)
    one.works()
