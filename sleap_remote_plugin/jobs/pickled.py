"""Numbers out of a pickle that is never unpickled.

SLEAP keeps metrics as a pickled dict of numbers and arrays. Unpickling runs whatever
the file says, and the file may be a stranger's. Here its instructions are read, of
which those that make plain values and numpy arrays are understood and the rest are
refused. Nothing is imported, called or built.
"""

from __future__ import annotations

import struct
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

from sleap_remote_plugin.jobs.untrusted import Unfit
from sleap_remote_plugin.words import tr

_MOST_STEPS = 2_000_000
_STRANGE = tr("holds something other than numbers, so it was not opened")
_CUT = tr("is not whole")


class Array(NamedTuple):
    """A numpy array as it lies in the file.

    Attributes
    ----------
    kind : str
        numpy's: ``<f8``, ``|b1``, ``O8``...
    data : bytes or list
        Numbers, or the values of an array of objects.
    """

    kind: str
    shape: Tuple[int, ...]
    is_fortran: bool
    data: Any


class _Name(NamedTuple):
    module: str
    name: str


class _Dtype(list):
    """``[kind, byte order]``: numpy sets the second one later."""


class _Raw(list):
    """An array whose content comes with the next instruction but one."""


def read_pickle(data: bytes) -> Any:
    """The plain value that a pickle is of; arrays are `Array`.

    Raises
    ------
    Unfit
        It is not whole, or has anything else in it.
    """
    try:
        return _Values().of(_Reader(data).read())
    except (IndexError, struct.error, KeyError, UnicodeDecodeError) as error:
        raise Unfit(_CUT) from error
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit(_STRANGE) from error


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0
        self.stack: List[Any] = []
        self.marks: List[int] = []
        self.memo: Dict[int, Any] = {}

    def read(self) -> Any:
        for _ in range(_MOST_STEPS):
            code = self.take(1)
            if code == b".":
                return self.stack.pop()
            step = _STEPS.get(code)
            if step is None:
                raise Unfit(_STRANGE)
            step(self)
        raise Unfit(tr("has too many values to be read"))

    def take(self, count: int) -> bytes:
        found = self.data[self.place : self.place + count]
        if len(found) < count:
            raise Unfit(_CUT)
        self.place += count
        return found

    def number(self, form: str) -> Any:
        return struct.unpack("<" + form, self.take(struct.calcsize(form)))[0]

    def long(self) -> int:
        return int.from_bytes(self.take(self.number("B")), "little", signed=True)

    def line(self) -> str:
        end = self.data.index(b"\n", self.place)
        text = self.take(end - self.place).decode("ascii")
        self.place += 1
        return text

    def above_mark(self) -> List[Any]:
        place = self.marks.pop()
        found = self.stack[place:]
        del self.stack[place:]
        return found

    # -- steps --------------------------------------------------------------------

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def top(self, count: int) -> None:
        self.push(tuple(self.stack.pop() for _ in range(count))[::-1])

    def put(self, key: int) -> None:
        self.memo[key] = self.stack[-1]

    def set_items(self, items: List[Any]) -> None:
        target = self.stack[-1]
        for key, value in zip(items[::2], items[1::2]):
            if not isinstance(target, dict) or not isinstance(key, str):
                raise Unfit(_STRANGE)
            target[key] = value

    def extend(self, items: List[Any]) -> None:
        if type(self.stack[-1]) is not list:
            raise Unfit(_STRANGE)
        self.stack[-1].extend(items)

    def name(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.push(_Name(module, name))

    def reduce(self) -> None:
        arguments, name = self.stack.pop(), self.stack.pop()
        if not isinstance(name, _Name) or not isinstance(arguments, tuple):
            raise Unfit(_STRANGE)
        self.push(_made(name, arguments))

    def build(self) -> None:
        state, target = self.stack.pop(), self.stack[-1]
        if isinstance(target, _Dtype):
            target.append(str(state[1]).replace("=", "<"))
        elif isinstance(target, _Raw):
            target[:] = list(state)
        else:
            raise Unfit(_STRANGE)


def _made(name: _Name, arguments: Tuple[Any, ...]) -> Any:
    """What a call of numpy's would make, without the call."""
    module = name.module.replace("numpy._core", "numpy.core")
    if (module, name.name) == ("numpy.core.multiarray", "scalar"):
        kind, data = arguments
        return _scalar(_kind(kind), data)
    if (module, name.name) == ("numpy.core.multiarray", "_reconstruct"):
        return _Raw()
    if (module, name.name) == ("numpy", "dtype"):
        kind = arguments[0]
        return _Dtype(["" if isinstance(kind, _Name) else str(kind)])
    if (module, name.name) == ("_codecs", "encode"):
        text, coding = arguments
        if coding == "latin1" and isinstance(text, str):
            return text.encode("latin-1")
    raise Unfit(_STRANGE)


def _kind(dtype: Any) -> str:
    """``<f8``: the byte order, the kind, the bytes of one number."""
    if not isinstance(dtype, _Dtype) or not isinstance(dtype[0], str):
        raise Unfit(_STRANGE)
    order = dtype[1] if len(dtype) > 1 else "|"
    return order + dtype[0].lstrip("<>|=")


_SCALARS = {"f8": "d", "f4": "f", "i8": "q", "i4": "i", "u8": "Q", "u4": "I",
            "i2": "h", "u2": "H", "i1": "b", "u1": "B", "b1": "?"}  # fmt: skip


def _scalar(kind: str, data: Any) -> Any:
    form = _SCALARS.get(kind[1:])
    if not isinstance(data, bytes):
        raise Unfit(_STRANGE)
    if form is None:
        return None  # a text or a date: no number
    order = ">" if kind[0] == ">" else "<"
    return struct.unpack(order + form, data)[0]


class _Values:
    """Plain values out of what was read; each is visited within limits.

    A value may be in many others, or in itself: a few bytes can stand for endless
    ones.
    """

    def __init__(self) -> None:
        self.left = _MOST_STEPS

    def of(self, value: Any) -> Any:
        """With arrays as `Array`; a single number of an array as a number."""
        self.left -= 1
        if self.left < 0:
            raise Unfit(tr("has too many values to be read"))
        if isinstance(value, dict):
            return {key: self.of(item) for key, item in value.items()}
        if isinstance(value, _Raw):
            return self.array(value)
        if isinstance(value, (_Name, _Dtype)):
            raise Unfit(_STRANGE)
        if isinstance(value, (list, tuple)):
            return [self.of(item) for item in value]
        return value

    def array(self, state: List[Any]) -> Any:
        _version, shape, dtype, is_fortran, data = state
        if not all(isinstance(n, int) and n >= 0 for n in shape):
            raise Unfit(_STRANGE)
        kind = _kind(dtype)
        if isinstance(data, bytes) and shape == ():
            return _scalar(kind, data)
        if isinstance(data, list):
            items = [self.of(item) for item in data]
            if shape == ():
                return items[0]
            return Array(kind, tuple(shape), bool(is_fortran), items)
        if not isinstance(data, bytes):
            raise Unfit(_STRANGE)
        return Array(kind, tuple(shape), bool(is_fortran), data)


def _text(size: str) -> Callable[[_Reader], None]:
    return lambda r: r.push(r.take(r.number(size)).decode("utf-8", "surrogatepass"))


def _bytes(size: str) -> Callable[[_Reader], None]:
    return lambda r: r.push(r.take(r.number(size)))


def _number(form: str) -> Callable[[_Reader], None]:
    return lambda r: r.push(r.number(form))


def _constant(value: Any) -> Callable[[_Reader], None]:
    return lambda r: r.push(value)


#: The instructions that are understood (names: Python's pickletools).
_STEPS: Dict[bytes, Callable[[_Reader], Any]] = {
    b"\x80": lambda r: r.take(1),  # PROTO
    b"\x95": lambda r: r.take(8),  # FRAME
    b"(": lambda r: r.marks.append(len(r.stack)),
    b"N": _constant(None),
    b"\x88": _constant(True),
    b"\x89": _constant(False),
    b"K": _number("B"),
    b"M": _number("H"),
    b"J": _number("i"),
    b"G": lambda r: r.push(struct.unpack(">d", r.take(8))[0]),
    b"\x8a": lambda r: r.push(r.long()),
    b"\x8c": _text("B"),
    b"X": _text("I"),
    b"\x8d": _text("Q"),
    b"C": _bytes("B"),
    b"B": _bytes("I"),
    b"\x8e": _bytes("Q"),
    b"U": _bytes("B"),
    b"T": _bytes("i"),
    b"}": lambda r: r.push({}),
    b"]": lambda r: r.push([]),
    b")": lambda r: r.push(()),
    b"t": lambda r: r.push(tuple(r.above_mark())),
    b"\x85": lambda r: r.top(1),
    b"\x86": lambda r: r.top(2),
    b"\x87": lambda r: r.top(3),
    b"s": lambda r: r.set_items([r.stack.pop(), r.stack.pop()][::-1]),
    b"u": lambda r: r.set_items(r.above_mark()),
    b"a": lambda r: r.extend([r.stack.pop()]),
    b"e": lambda r: r.extend(r.above_mark()),
    b"q": lambda r: r.put(r.number("B")),
    b"r": lambda r: r.put(r.number("I")),
    b"\x94": lambda r: r.put(len(r.memo)),
    b"h": lambda r: r.push(r.memo[r.number("B")]),
    b"j": lambda r: r.push(r.memo[r.number("I")]),
    b"c": lambda r: r.push(_Name(r.line(), r.line())),
    b"\x93": lambda r: r.name(),
    b"R": lambda r: r.reduce(),
    b"b": lambda r: r.build(),
}
