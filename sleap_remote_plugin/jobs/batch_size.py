"""The batch size of a training config: read, and changed in its text alone.

All else in the text stays as it is, byte for byte in YAML and value for value in JSON.
Which file is changed is session/smaller.py's: always a copy.
"""

from __future__ import annotations

import json
from typing import Any, Iterator, List, Optional, Sequence, Tuple

import yaml

from sleap_remote_plugin.jobs.generation import Generation
from sleap_remote_plugin.jobs.untrusted import read_json, read_yaml
from sleap_remote_plugin.words import tr

#: What SLEAP predicts with where nothing is said, in both generations.
OF_PREDICTIONS = 4

_PLACES = {
    Generation.LEGACY: (("optimization", "batch_size"),),
    Generation.CURRENT: (
        ("trainer_config", "train_data_loader", "batch_size"),
        ("trainer_config", "val_data_loader", "batch_size"),
    ),
}
_LARGEST = 1 << 20


def batch_in_config(text: str, generation: Generation) -> Optional[int]:
    """The batch size of the training; None where the config does not tell it."""
    try:
        return _sizes(_values(text, generation), generation)[0]
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def with_batch(text: str, generation: Generation, size: int) -> str:
    """The config with another batch size, and nothing else changed.

    Raises
    ------
    ValueError
        It has none that can be changed so.
    """
    before = batch_in_config(text, generation)
    if before is None:
        raise ValueError(tr("the config tells no batch size"))
    wanted = _values(text, generation)
    for place in _PLACES[generation]:
        _put(wanted, place, size)
    if generation is Generation.LEGACY:
        changed = json.dumps(wanted, indent=4)
    else:
        changed = _spliced(text, _PLACES[generation], size)
    if _values(changed, generation) != wanted:
        raise ValueError(tr("the config would be another one"))
    return changed


def _values(text: str, generation: Generation) -> Any:
    data = text.encode("utf-8")
    return read_json(data) if generation is Generation.LEGACY else read_yaml(data)


def _sizes(values: Any, generation: Generation) -> List[int]:
    found = []
    for place in _PLACES[generation]:
        value = values
        for name in place:
            value = value[name] if isinstance(value, dict) and name in value else None
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if is_number and 1 <= value <= _LARGEST:
            found.append(value)
        elif place is _PLACES[generation][0]:
            raise ValueError(tr("no batch size"))
    return found


def _put(values: Any, place: Sequence[str], size: int) -> None:
    for name in place[:-1]:
        values = values.get(name)
        if not isinstance(values, dict):
            return
    if place[-1] in values:
        values[place[-1]] = size


def _spliced(text: str, places: Sequence[Sequence[str]], size: int) -> str:
    """The YAML text with the numbers at these places exchanged."""
    root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    marks = sorted(_marks(root, places), reverse=True)
    for start, end in marks:
        text = text[:start] + str(size) + text[end:]
    return text


def _marks(root: Any, places: Sequence[Sequence[str]]) -> Iterator[Tuple[int, int]]:
    for place in places:
        node = root
        for name in place:
            node = _child(node, name)
        if node is not None:
            yield node.start_mark.index, node.end_mark.index


def _child(node: Any, name: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == name:
                return value
    return None
