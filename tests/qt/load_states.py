"""What a load of predictions will change, as its dialog says it."""

from __future__ import annotations

from sleap_remote_plugin.qt.dialogs.load import LoadDialog
from sleap_remote_plugin.qt.loads import LoadPreview, LoadVideo


def loads():
    one = LoadVideo("/mnt/lab/mouse.mp4", 20000, 40000)
    plain = LoadPreview((one,), 20000, 40000)
    yield "load", LoadDialog("mouse_openfield.v003 predictions", plain)
    folder = "/mnt/ceph/lab/小鼠_openfield/2026/a folder with a very long name/"
    videos = tuple(
        LoadVideo(
            "{}mouse_camera_3_{:04}.mp4".format(folder, n),
            1000 * n,
            2000 * n,
            12 * (n == 2),
        )
        for n in range(9)
    )
    yield (
        "load-much",
        LoadDialog(
            "小鼠_открытое_поле_with_a_very_long_name.v012 predictions",
            LoadPreview(videos, 36000, 72000, 1200, 5830, 203, 14),
            "They were made from /mnt/lab/mouse_openfield.v002.slp. The open project "
            "has another name, and the same videos and skeleton.",
        ),
    )
