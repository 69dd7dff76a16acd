"""A wire between two network links that takes its time, for kernels without netem.

``slow_wire --whole-packets LINK`` first makes a sender compute checksums and cut its
packets itself, which a virtual link otherwise leaves to its other end.
"""

from __future__ import annotations

import array
import collections
import fcntl
import select
import socket
import struct
import sys
import time

SIOCETHTOOL = 0x8946
SET_CHECKSUMMING, SET_SEGMENTATION, SET_GSO = 0x17, 0x1F, 0x24
OUTGOING = 4


def send_whole_packets(link):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for what in (SET_SEGMENTATION, SET_GSO, SET_CHECKSUMMING):
            value = array.array("B", struct.pack("II", what, 0))
            address = value.buffer_info()[0]
            request = struct.pack("16sP", link.encode(), address)
            fcntl.ioctl(control, SIOCETHTOOL, request)


def carry(first, second, delay):
    """Carry each packet from one link to the other `delay` seconds later, for ever."""
    ends = []
    for link in (first, second):
        end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        end.bind((link, 0))
        ends.append(end)
    print("ready", flush=True)
    other = {ends[0]: ends[1], ends[1]: ends[0]}
    under_way = collections.deque()
    while True:
        left = None if not under_way else max(0, under_way[0][0] - time.monotonic())
        for end in select.select(ends, [], [], left)[0]:
            packet, where = end.recvfrom(65535)
            if where[2] != OUTGOING:
                under_way.append((time.monotonic() + delay, other[end], packet))
        while under_way and under_way[0][0] <= time.monotonic():
            _, end, packet = under_way.popleft()
            try:
                end.send(packet)
            except OSError:
                continue  # a packet lost, as on any wire


if __name__ == "__main__":
    if sys.argv[1] == "--whole-packets":
        send_whole_packets(sys.argv[2])
    else:
        carry(sys.argv[1], sys.argv[2], float(sys.argv[3]))
