"""Projects with every kind of video that SLEAP has, in either generation."""

from __future__ import annotations

import cv2
import h5py
import numpy as np

LENGTH = 12
INSIDE = (2, 5, 9)


def pictures(count=LENGTH):
    """Pictures of which each says its number: two grey bars, the rest black."""
    found = np.zeros((count, 64, 96, 3), dtype="uint8")
    for number, picture in enumerate(found):
        picture[:32, :48] = 20 * number + 10
    return found


def number_of(picture):
    """The number of a picture, wherever it comes from (codecs change it a little)."""
    return int(round((float(np.asarray(picture)[4:28, 4:44].mean()) - 10) / 20))


def make_files(folder):
    """Media files of three kinds, a folder of images, an HDF5 file with two axes."""
    frames = pictures()
    for name, code in (("v.mp4", "mp4v"), ("v.avi", "MJPG"), ("v.mov", "mp4v")):
        writer = cv2.VideoWriter(
            str(folder / name), cv2.VideoWriter_fourcc(*code), 10, (96, 64)
        )
        for frame in frames:
            writer.write(frame)
        writer.release()
    images = folder / "im ages"
    images.mkdir()
    for number, frame in enumerate(frames):
        cv2.imwrite(str(images / "img{:03d}.png".format(number)), frame)
    with h5py.File(str(folder / "v.h5"), "w") as file:
        file["last"] = frames
        file["first"] = np.transpose(frames, (0, 3, 2, 1))


def make_long_video(path, count):
    """A video of noise, of which each frame takes its place in the file."""
    noise = np.random.RandomState(1).randint(0, 255, (64, 96, 3)).astype("uint8")
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10, (96, 64))
    for _ in range(count):
        writer.write(noise)
    writer.release()


def make_labels(folder, is_legacy):
    """SLEAP's labels with seven videos, the last of them inside a package."""
    make_files(folder)
    images = sorted(str(path) for path in (folder / "im ages").iterdir())
    if is_legacy:
        return _legacy_labels(folder, images)
    return _current_labels(folder, images)


def _legacy_labels(folder, images):
    from sleap import Instance, LabeledFrame, Labels, Skeleton, Video

    skeleton = Skeleton()
    skeleton.add_node("a")
    source = Video.from_filename(str(folder / "v.avi"))
    frames = []
    for number in INSIDE:
        instance = Instance(skeleton)
        instance["a"] = (3.0, 4.0)
        frames.append(LabeledFrame(source, number, [instance]))
    package = folder / "p.pkg.slp"
    Labels.save_file(Labels(frames), str(package), save_frame_data=True)
    inside = Labels.load_file(str(package)).videos[0]
    h5 = str(folder / "v.h5")
    videos = [Video.from_filename(str(folder / n)) for n in _MEDIA]
    videos.append(Video.from_image_filenames(images))
    videos.append(Video.from_filename(h5, dataset="last"))
    videos.append(
        Video.from_filename(h5, dataset="first", input_format="channels_first")
    )
    return Labels(videos=[*videos, inside], skeletons=[skeleton])


def _current_labels(folder, images):
    import sleap_io as sio

    skeleton = sio.Skeleton(["a"])
    source = sio.load_video(str(folder / "v.avi"))
    frames = [
        sio.LabeledFrame(
            video=source,
            frame_idx=number,
            instances=[sio.Instance.from_numpy(np.array([[3.0, 4.0]]), skeleton)],
        )
        for number in INSIDE
    ]
    package = folder / "p.pkg.slp"
    sio.save_slp(sio.Labels(frames), str(package), embed="user", verbose=False)
    inside = sio.load_slp(str(package)).videos[0]
    h5 = str(folder / "v.h5")
    videos = [sio.load_video(str(folder / n)) for n in _MEDIA]
    videos.append(sio.load_video(images))
    videos.append(sio.load_video(h5, dataset="last"))
    videos.append(sio.load_video(h5, dataset="first", input_format="channels_first"))
    return sio.Labels(videos=[*videos, inside], skeletons=[skeleton])


_MEDIA = ("v.mp4", "v.avi", "v.mov")
KINDS = (*_MEDIA, "images", "channels last", "channels first", "inside")
