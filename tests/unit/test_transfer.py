"""Copies onto the cluster's disk: what arrives, what is gone on with, what is said."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from pathlib import Path, PurePosixPath

import pytest

from sleap_remote_plugin.errors import (
    Cancelled,
    ConnectionFailed,
    CopyStopped,
    NoRoom,
    SourceChanged,
)
from sleap_remote_plugin.session import file_copy, pipe
from sleap_remote_plugin.session import transfer as transfer_room
from sleap_remote_plugin.session.copies import Copies
from sleap_remote_plugin.session.mount_target import MountTarget
from sleap_remote_plugin.session.room import Room
from sleap_remote_plugin.session.sources import Item, SourceFile, find_items
from sleap_remote_plugin.session.transfer import Transfer
from sleap_remote_plugin.session.transfer_progress import Meter

BLOCK = 1 << 20
CLUSTER = PurePosixPath("/ceph/lab/mice")


class Watched(MountTarget):
    """A real folder; counts what is written, and does what a test says at a block."""

    def __init__(self, folder):
        super().__init__(folder, CLUSTER)
        self.written = 0
        self.blocks = 0
        self.at_block = {}

    def write(self, data):
        self.blocks += 1
        self.at_block.get(self.blocks, lambda: None)()
        super().write(data)
        self.written += len(data)

    def write_small(self, files):
        super().write_small(files)
        self.written += sum(len(data) for _, data in files)


@pytest.fixture(autouse=True)
def _small_and_quick(monkeypatch):
    monkeypatch.setattr(pipe, "BLOCK", BLOCK)
    monkeypatch.setattr(transfer_room, "_PAUSES", (0.0, 0.0))


@pytest.fixture
def here(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


@pytest.fixture
def there(tmp_path):
    folder = tmp_path / "mount" / "mice"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def copies(tmp_path):
    return Copies(tmp_path / "data" / "copies.json", "practice")


@pytest.fixture
def target(there):
    return Watched(there)


def video(folder, name="mouse.mp4", size=3 * BLOCK + 17, seed=1):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    block = hashlib.sha512(bytes([seed])).digest() * 1024
    path.write_bytes((block * (size // len(block) + 1))[:size])
    return path


def copy(target, copies, *paths, told=None):
    seen = [] if told is None else told
    items = find_items([str(path) for path in paths])
    return Transfer(items, target, copies, seen.append).run()


def raise_(error):
    raise error


def test_a_video_arrives_whole_and_is_found_by_its_original(
    here, there, target, copies
):
    path = video(here)
    assert copy(target, copies, path) == {str(path): "/ceph/lab/mice/mouse.mp4"}
    assert (there / "mouse.mp4").read_bytes() == path.read_bytes()
    assert os.listdir(str(there)) == ["mouse.mp4"]
    assert copies.of_path(str(path)) == CLUSTER / "mouse.mp4"
    (known,) = copies.all()
    assert known.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_told_ends_with_all_bytes_and_all_files(here, target, copies):
    paths = [video(here, "a.mp4"), video(here, "b.mp4", 100)]
    told = []
    copy(target, copies, *paths, told=told)
    last = told[-1]
    assert (last.done, last.number, last.count) == (last.total, 2, 2)
    assert last.total == sum(path.stat().st_size for path in paths)
    assert [one.done for one in told] == sorted(one.done for one in told)


def test_nothing_half_is_seen_under_the_videos_name(here, there, target, copies):
    path = video(here)
    seen = []
    target.at_block[2] = lambda: seen.extend(os.listdir(str(there)))
    copy(target, copies, path)
    assert len(seen) == 1
    assert seen[0].startswith(".mouse.mp4.")
    assert seen[0].endswith(".part")


def test_a_copy_that_was_interrupted_goes_on_where_it_ended(
    here, there, target, copies
):
    path = video(here, size=5 * BLOCK)
    target.at_block[4] = lambda: raise_(OSError(errno.EIO, "the mount went"))
    with pytest.raises(CopyStopped, match="goes on from there"):
        copy(target, copies, path)
    assert not (there / "mouse.mp4").exists()
    again = Watched(there)
    copy(again, copies, path)
    assert again.written == 2 * BLOCK
    assert (there / "mouse.mp4").read_bytes() == path.read_bytes()


def test_what_is_there_but_wrong_is_not_gone_on_with(here, there, target, copies):
    path = video(here, size=3 * BLOCK)
    target.at_block[3] = lambda: raise_(OSError(errno.EIO, "the mount went"))
    with pytest.raises(CopyStopped):
        copy(target, copies, path)
    (part,) = there.iterdir()
    with part.open("r+b") as file:
        file.seek(BLOCK + 5)
        file.write(b"damaged")
    again = Watched(there)
    copy(again, copies, path)
    assert again.written == 3 * BLOCK
    assert (there / "mouse.mp4").read_bytes() == path.read_bytes()


def test_a_lost_connection_is_gone_on_with_by_itself(here, there, target, copies):
    path = video(here, size=4 * BLOCK)
    target.at_block[3] = lambda: raise_(ConnectionFailed("It was lost."))
    copy(target, copies, path)
    assert target.written == 4 * BLOCK
    assert (there / "mouse.mp4").read_bytes() == path.read_bytes()


def test_a_connection_that_stays_lost_is_told(here, target, copies):
    path = video(here)
    for block in range(1, 9):
        target.at_block[block] = lambda: raise_(ConnectionFailed("It was lost."))
    with pytest.raises(CopyStopped, match=r"It was lost\..*goes on from there"):
        copy(target, copies, path)


def test_an_unchanged_video_is_not_copied_twice(here, target, copies, there):
    path = video(here)
    copy(target, copies, path)
    again = Watched(there)
    assert copy(again, copies, path) == {str(path): "/ceph/lab/mice/mouse.mp4"}
    assert again.written == 0


def test_a_video_that_somebody_else_brought_is_not_copied_again(
    here, there, target, copies
):
    path = video(here)
    (there / "mouse.mp4").write_bytes(path.read_bytes())
    assert copy(target, copies, path) == {str(path): "/ceph/lab/mice/mouse.mp4"}
    assert target.written == 0


def test_the_same_content_under_another_name_is_not_copied_again(here, target, copies):
    one, same = video(here, "one.mp4"), video(here, "same.mp4")
    found = copy(target, copies, one, same)
    assert found[str(same)] == found[str(one)] == "/ceph/lab/mice/one.mp4"
    assert target.written == one.stat().st_size


def test_another_video_of_that_name_is_not_overwritten(here, there, target, copies):
    (there / "mouse.mp4").write_bytes(b"somebody's")
    found = copy(
        target, copies, video(here / "cam 1", seed=1), video(here / "cam 2", seed=2)
    )
    assert sorted(found.values()) == [
        "/ceph/lab/mice/cam 1 mouse.mp4",
        "/ceph/lab/mice/cam 2 mouse.mp4",
    ]
    assert (there / "mouse.mp4").read_bytes() == b"somebody's"


def test_a_video_that_changes_while_it_is_copied_is_told(here, there, target, copies):
    path = video(here)

    def grow():
        with path.open("ab") as file:
            file.write(b"one more frame")

    target.at_block[2] = grow
    with pytest.raises(SourceChanged, match="mouse.mp4 changed while"):
        copy(target, copies, path)
    assert list(there.iterdir()) == []
    assert copies.all() == ()
    target.at_block.clear()
    copy(target, copies, path)
    assert (there / "mouse.mp4").read_bytes() == path.read_bytes()


def test_a_video_that_changed_since_has_no_copy_any_more(here, target, copies):
    path = video(here)
    copy(target, copies, path)
    path.write_bytes(b"recorded anew")
    assert copies.of_path(str(path)) is None


def test_a_video_that_is_gone_since_still_has_its_copy(here, target, copies):
    path = video(here)
    copy(target, copies, path)
    path.unlink()
    assert copies.of_path(str(path)) == CLUSTER / "mouse.mp4"


def test_a_copy_is_stopped_at_once_though_the_disk_hangs(here, there, target, copies):
    path = video(here)
    gate, hangs = threading.Event(), threading.Event()

    def hang():
        hangs.set()
        gate.wait(30)

    target.at_block[2] = hang
    target.close = lambda: None
    running = Transfer(find_items([str(path)]), target, copies, lambda progress: None)
    ended = []

    def run():
        try:
            running.run()
        except Cancelled as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert hangs.wait(30)
    running.cancel()
    thread.join(15)
    gate.set()
    assert "goes on from there" in str(ended[0])
    assert not (there / "mouse.mp4").exists()


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, NoRoom, "no room left"),
        (errno.EDQUOT, NoRoom, "quota"),
        (errno.EACCES, CopyStopped, "write permission"),
        (errno.EROFS, CopyStopped, "write permission"),
        (errno.ESTALE, CopyStopped, "disk is mounted"),
        (errno.EIO, CopyStopped, "disk is mounted"),
    ],
)
def test_what_the_disk_refuses_is_a_sentence(here, target, copies, number, kind, words):
    path = video(here)
    target.at_block[2] = lambda: raise_(OSError(number, os.strerror(number)))
    with pytest.raises(kind, match=words) as raised:
        copy(target, copies, path)
    assert "kept" in str(raised.value)


def test_room_is_looked_at_before_anything_is_written(here, there, target, copies):
    path = video(here)
    target.room = lambda: Room(1000, "your quota")
    with pytest.raises(NoRoom, match=r"3.15 MB are to be.*1 kB fit \(your quota\)"):
        copy(target, copies, path)
    assert list(there.iterdir()) == []


def test_what_is_there_needs_no_room_again(here, there, target, copies):
    path = video(here, size=3 * BLOCK)
    target.at_block[3] = lambda: raise_(OSError(errno.ENOSPC, "no room"))
    with pytest.raises(NoRoom):
        copy(target, copies, path)
    again = Watched(there)
    again.room = lambda: Room(BLOCK + 1)
    copy(again, copies, path)
    assert (there / "mouse.mp4").stat().st_size == 3 * BLOCK


def test_a_folder_that_may_not_be_written_is_told_first(here, target, copies):
    path = video(here)
    target.room = lambda: Room(1 << 40, "", is_writable=False)
    with pytest.raises(NoRoom, match="may not write"):
        copy(target, copies, path)


def test_a_source_that_is_gone_is_named(here):
    with pytest.raises(CopyStopped, match="gone.mp4 cannot be read"):
        find_items([str(here / "gone.mp4")])


def a_series(folder, count=30):
    for number in range(count):
        video(folder, "img{:05}.png".format(number), 2000 + number, number % 200)
    return sorted(str(path) for path in folder.iterdir())


def test_a_series_of_images_is_one_folder_that_appears_whole(
    here, there, target, copies
):
    images = a_series(here / "frames")
    video(here / "frames", "notes.txt", 10)
    seen = []
    whole = target.write_small
    target.write_small = lambda files: (
        seen.extend(os.listdir(str(there))),
        whole(files),
    )
    copy(target, copies, *images)
    assert [name[0] for name in seen] == ["."]
    found = sorted(path.name for path in (there / "frames").iterdir())
    assert found == [Path(image).name for image in images]
    for image in images:
        copied = copies.of_path(image)
        assert copied == CLUSTER / "frames" / Path(image).name


def test_a_series_goes_on_after_those_images_that_are_there(
    here, there, target, copies, monkeypatch
):
    monkeypatch.setattr(file_copy, "MOST_FILES", 10)
    images = a_series(here / "frames")
    whole = target.write_small
    loads = []

    def twice(files):
        if len(loads) == 2:
            raise OSError(errno.EIO, "the mount went")
        loads.append(len(files))
        whole(files)

    target.write_small = twice
    with pytest.raises(CopyStopped):
        copy(target, copies, *images)
    assert not (there / "frames").exists()
    again = Watched(there)
    copy(again, copies, *images)
    assert again.written == sum(os.path.getsize(one) for one in images[20:])


def test_a_folder_that_is_there_already_is_not_copied_again(
    here, there, target, copies, tmp_path
):
    run = here / "models" / "centroid"
    video(run, "best.ckpt", 2 << 20)
    video(run / "logs", "log.csv", 10)
    copy(target, copies, run)
    other = Copies(tmp_path / "other.json", "practice")
    again = Watched(there)
    assert copy(again, other, run) == {str(run): "/ceph/lab/mice/centroid"}
    assert again.written == 0
    assert (there / "centroid" / "logs" / "log.csv").read_bytes()


def test_links_are_followed_once(here, there, target, copies):
    path = video(here, "real.mp4")
    (here / "link.mp4").symlink_to(path)
    found = copy(target, copies, here / "link.mp4")
    assert found == {str(here / "link.mp4"): "/ceph/lab/mice/link.mp4"}
    assert not (there / "link.mp4").is_symlink()
    assert (there / "link.mp4").read_bytes() == path.read_bytes()


def test_a_folder_that_leads_into_itself_is_refused(here):
    run = here / "run"
    video(run, "best.ckpt", 10)
    (run / "again").symlink_to(run)
    with pytest.raises(CopyStopped, match="no end to it"):
        find_items([str(run)])


def test_something_that_is_no_file_is_refused(here):
    os.mkfifo(str(here / "pipe"))
    with pytest.raises(CopyStopped, match="no file that can be copied"):
        find_items([str(here / "pipe")])


@pytest.mark.parametrize(
    "name",
    [
        "a b.mp4",
        'it\'s "quoted".mp4',
        "$HOME `x`.mp4",
        "line\nbreak.mp4",
        "-rf.mp4",
        "\U0001f401.mp4",
        "x" * 251 + ".mp4",
        "trailing.",
    ],
)
def test_any_name_arrives_as_it_is(here, there, target, copies, name):
    path = video(here, name, 2 << 20)
    copy(target, copies, path)
    assert os.listdir(str(there)) == [name]
    assert copies.of_path(str(path)) == CLUSTER / name


def test_an_empty_file_arrives(here, there, target, copies):
    path = video(here, "empty.mp4", 0)
    copy(target, copies, path)
    assert (there / "empty.mp4").stat().st_size == 0


def test_sizes_beyond_32_bits_are_counted():
    now = [0.0]
    file = SourceFile("/data/long.mp4", "", 50 << 30, 0)
    meter = Meter(
        [Item(file.path, "long.mp4", (file,))], lambda _: None, lambda: now[0]
    )
    for _ in range(20):
        now[0] += 1.0
        meter.add(1 << 30, True)
    shown = meter.progress()
    assert (shown.done, shown.total) == (20 << 30, 50 << 30)
    assert shown.rate == pytest.approx(1 << 30)
    assert shown.eta == pytest.approx(30.0)


def test_a_mount_that_is_gone_is_not_copied_to_though_its_folder_is_there(
    here, there, target, copies
):
    path = video(here)

    def unmount():
        target._disk = -1  # what is there now is another disk

    target.at_block[3] = unmount
    with pytest.raises(CopyStopped, match="not mounted any more"):
        copy(target, copies, path)
    assert not (there / "mouse.mp4").exists()


def test_a_damaged_file_of_copies_counts_as_empty(here, target, copies, there):
    path = video(here)
    copy(target, copies, path)
    copies.path.write_text('{"copies": [{"source"', "utf-8")
    assert copies.all() == ()
    again = Watched(there)
    copy(again, copies, path)
    assert again.written == 0
    assert len(copies.all()) == 1


def test_copies_of_another_cluster_are_not_used(here, target, copies):
    path = video(here)
    copy(target, copies, path)
    assert Copies(copies.path, "other").of_path(str(path)) is None
