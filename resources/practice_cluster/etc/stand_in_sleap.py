"""SLEAP's commands on the practice cluster, without a neural network.

Videos are read and predictions written by the SLEAP of this Python, so that a file
that it cannot read fails here as it would. A "training" ends at once. A "prediction"
has one instance on each frame: x is the mean brightness of the picture, y the frame's
number, so that a prediction of another video or frame is seen to be one.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

#: As much as small models weigh; large enough for a transfer that can be watched.
WEIGHTS = 3 << 20
NODES = "nodes.json"


def is_told(name, otherwise):
    path = Path("stand-in.json")
    told = json.loads(path.read_text()) if path.exists() else {}
    return told.get(name, otherwise)


def after(words, name):
    return words[words.index(name) + 1]


# -- training -------------------------------------------------------------------------


def keep_nodes(labels, run):
    """What both generations leave when a training came to its end, and the nodes."""
    import h5py

    shutil.copy(str(labels), str(run / "labels_gt.val.slp"))
    shutil.copy(str(labels), str(run / "labels_pr.val.slp"))
    with h5py.File(str(labels), "r") as file:
        metadata = json.loads(bytes(file["metadata"].attrs["json"]).decode("utf-8"))
    order = metadata["skeletons"][0]["nodes"]
    names = [metadata["nodes"][node["id"]]["name"] for node in order]
    (run / NODES).write_text(json.dumps(names), "utf-8")


def train_legacy(words):
    import h5py
    import numpy as np

    config = next(word for word in words if word.endswith(".json"))
    outputs = json.loads(Path(config).read_text())["outputs"]
    names = ["run_name_prefix", "run_name", "run_name_suffix"]
    parts = [outputs.get(name) or "" for name in names]
    run = Path(outputs["runs_folder"] or "models", "".join(parts))
    run.mkdir(parents=True)
    for name in ("initial_config.json", "training_config.json"):
        shutil.copy(config, str(run / name))
    with h5py.File(str(run / "best_model.h5"), "w") as file:
        file["weights"] = np.frombuffer(os.urandom(WEIGHTS), "uint8")
    keep_nodes(next(word for word in words if word.endswith(".slp")), run)
    log = "epoch,loss,lr,val_loss\n0,0.5,0.001,0.4\n1,0.3,0.001,0.2\n"
    (run / "training_log.csv").write_text(log)


def train_current(words):
    given = dict(word.split("=", 1) for word in words if "=" in word)
    folder = json.loads(given["trainer_config.ckpt_dir"])
    run = Path(folder, json.loads(given["trainer_config.run_name"]))
    run.mkdir(parents=True)
    config = after(words, "--config-name")
    for name in ("initial_config.yaml", "training_config.yaml"):
        shutil.copy(config, str(run / name))
    with zipfile.ZipFile(str(run / "best.ckpt"), "w") as file:
        file.writestr("weights", os.urandom(WEIGHTS))
    keep_nodes(next(Path().glob("*.slp")), run)
    log = "epoch,train_loss,val_loss\n0,0.5,0.4\n1,0.3,0.2\n"
    (run / "training_log.csv").write_text(log)


# -- prediction -----------------------------------------------------------------------


def frames_asked_for(words):
    if "--frames" not in words:
        return None
    text = after(words, "--frames")
    if "-" in text:
        first, last = text.split("-")
        return range(int(first), int(last) + 1)
    return [int(number) for number in text.split(",")]


def nodes_of(model):
    """The skeleton's nodes, as the training left them beside the model."""
    return json.loads(Path(model, NODES).read_text("utf-8"))


def predict_legacy(data, model, output, frames):
    import numpy as np
    from sleap import LabeledFrame, Labels, PredictedInstance, Skeleton, load_video

    if data.endswith(".slp"):
        labels = Labels.load_file(data)
        video = labels.videos[0]
        frames = [frame.frame_idx for frame in labels.labeled_frames]
    else:
        video = load_video(data)
    skeleton = Skeleton("stand-in")
    skeleton.add_nodes(nodes_of(model))
    found = []
    for number in range(len(video)) if frames is None else frames:
        place = [float(np.mean(video.get_frame(number))), float(number)]
        points = np.array([place] * len(skeleton.nodes), "float32")
        if not is_told("animals", 1):
            continue
        instance = PredictedInstance.from_numpy(
            points, np.full(len(points), 0.9, "float32"), 0.8, skeleton=skeleton
        )
        found.append(LabeledFrame(video, number, [instance]))
    made = Labels(found, videos=[video], skeletons=[skeleton])
    Labels.save_file(made, output)


def predict_current(data, model, output, frames):
    import numpy as np
    import sleap_io

    if data.endswith(".slp"):
        labels = sleap_io.load_slp(data)
        video = labels.videos[0]
        frames = [frame.frame_idx for frame in labels.labeled_frames]
    else:
        video = sleap_io.load_video(data)
    skeleton = sleap_io.Skeleton(nodes=nodes_of(model), name="stand-in")
    found = []
    for number in range(len(video)) if frames is None else frames:
        number = int(number)
        place = [float(np.mean(video[number])), float(number)]
        if not is_told("animals", 1):
            continue
        instance = sleap_io.PredictedInstance.from_numpy(
            np.array([place] * len(skeleton.nodes)),
            skeleton=skeleton,
            point_scores=np.full(len(skeleton.nodes), 0.9),
            score=0.8,
        )
        found.append(
            sleap_io.LabeledFrame(video=video, frame_idx=number, instances=[instance])
        )
    made = sleap_io.Labels(found, videos=[video], skeletons=[skeleton])
    made.save(output, embed=False, verbose=False)


def main(program, words):
    print("This SLEAP stands in: no network is trained or used.", flush=True)
    is_training = program == "sleap-train" or words[0] == "train"
    if is_training and not is_told("weights", True):
        return None
    if program == "sleap-train":
        return train_legacy(words)
    if program == "sleap-track":
        return predict_legacy(
            words[0], after(words, "-m"), after(words, "-o"), frames_asked_for(words)
        )
    if words[0] == "train":
        return train_current(words)
    return predict_current(
        after(words, "--data_path"),
        after(words, "--model_paths"),
        after(words, "-o"),
        frames_asked_for(words),
    )


if __name__ == "__main__":
    main(Path(sys.argv[0]).name, sys.argv[1:])
    is_last = not any("centroid" in word for word in sys.argv[1:])
    sys.exit(is_told("code", 0) if is_last else 0)
