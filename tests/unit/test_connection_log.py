"""The connection log: one event a line, nothing hidden in it."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleap_remote_plugin.ssh.log import ConnectionLog, decoded_banner, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Welcome to the gateway", "Welcome to the gateway"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("left\u202eright", "left\\u202eright"),
        ("Zürich", "Zürich"),
    ],
)
def test_what_moves_the_cursor_is_shown_escaped(text, shown):
    assert visible(text) == shown


@given(st.text(), st.text())
def test_an_event_is_one_line_whatever_the_host_says(hop, event):
    log = ConnectionLog(now=lambda: 0.0)
    log.add(hop, event)
    (line,) = log.lines()
    assert line.isprintable()
    assert len(line) < 13 * 1300


def test_a_banner_is_read_whatever_its_bytes():
    assert decoded_banner(b"hello\r\n\n\xff\xfe\n") == ["hello", "\ufffd\ufffd"]
    assert decoded_banner(None) == []


def test_facts_are_kept_for_each_hop_of_the_latest_connect():
    log = ConnectionLog()
    log.begin(["bastion"])
    log.learn("bastion", "reached", address="10.0.0.2")
    log.begin(["bastion", "gateway"])
    log.learn("bastion", "key: accepted", methods=("key",))
    log.learn("bastion", "code: in", methods=("code",), user="ja\x07ne")
    bastion, gateway = log.reports
    assert (bastion.address, bastion.methods) == ("", ("key", "code"))
    assert bastion.user == "ja\\x07ne"
    assert gateway.user == ""


def test_the_oldest_events_go():
    log = ConnectionLog(size=2)
    for number in range(3):
        log.add("bastion", str(number))
    assert [event for _, _, event in log.entries] == ["1", "2"]


def test_events_reach_the_log_file_at_its_level(caplog):
    with caplog.at_level(logging.INFO, logger="sleap_remote_plugin"):
        ConnectionLog().add("bastion", "signed in as jane")
    assert "bastion: signed in as jane" in caplog.text


def test_times_are_told_to_the_millisecond():
    log = ConnectionLog(now=lambda: 0.25)
    log.add("bastion", "reached")
    assert ".250  bastion: reached" in log.lines()[0]
