"""Says which Python and SLEAP a module has, and whether they can use the GPU.

Runs on a node, in the module's own Python (3.7 and newer), for the cluster check. Each
line that begins with the mark is one finding: `MARK NAME VALUE`.
"""

import json
import os
import sys
import time


def tell(name, value):
    print("{} {} {}".format(os.environ["CHECK_MARK"], name, json.dumps(value)))
    sys.stdout.flush()


def short(error):
    return "{}: {}".format(type(error).__name__, error)[:500]


def version_tuple(text):
    numbers = [part for part in text.split(".")[:2] if part.isdigit()]
    return tuple(int(part) for part in numbers)


def look_with_tensorflow():
    import tensorflow as tf

    tell("framework", "TensorFlow " + tf.__version__)
    gpus = tf.config.list_physical_devices("GPU")
    tell("gpus", [gpu.name for gpu in gpus])
    if gpus:
        with tf.device("/GPU:0"):
            tell("computed", float(tf.reduce_sum(tf.ones((8, 8)))) == 64.0)


def look_with_torch():
    import sleap_nn
    import torch

    tell("sleap_nn", sleap_nn.__version__)
    cuda = torch.version.cuda
    tell("framework", "PyTorch {} (CUDA {})".format(torch.__version__, cuda or "none"))
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    tell("gpus", [torch.cuda.get_device_name(number) for number in range(count)])
    if count:
        tell("capability", list(torch.cuda.get_device_capability(0)))
        tell("computed", float(torch.ones((8, 8), device="cuda").sum()) == 64.0)


def main():
    began = time.time()
    tell("python", [sys.version.split()[0], sys.executable])
    try:
        import sleap

        tell("sleap", sleap.__version__)
        tell("import_seconds", round(time.time() - began, 1))
        if version_tuple(sleap.__version__) >= (1, 5):
            look_with_torch()
        else:
            look_with_tensorflow()
    except BaseException as error:
        tell("error", short(error))
        raise


main()
