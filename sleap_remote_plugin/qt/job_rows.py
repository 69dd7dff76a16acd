"""Rows in a tree, for Qt: any branches become any others, and what stays is known.

Qt is told once for many rows: each time it is, other threads get their turn. Rows are
found by the address of their node, so that an index of a row that has gone is empty.
"""

from __future__ import annotations

import itertools
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from qtpy.QtCore import QAbstractItemModel, QModelIndex, QObject

from sleap_remote_plugin.jobs.job import Job
from sleap_remote_plugin.qt.job_cells import HEADERS
from sleap_remote_plugin.qt.job_groups import Branch

#: Changed rows are told of one parent after the other up to so many parents.
_FEW = 3


class Node:
    """A row: a job's, or a project's."""

    __slots__ = ("branch", "children", "parent", "row")

    def __init__(self, branch: Branch, parent: Optional["Node"]) -> None:
        self.branch = branch
        self.parent = parent
        self.row = 0
        self.children = [Node(child, self) for child in branch.children]
        self.renumber()

    @property
    def job(self) -> Optional[Job]:
        return self.branch.job

    def renumber(self) -> None:
        for row, child in enumerate(self.children):
            child.row = row

    def all_below(self) -> Iterator["Node"]:
        for child in self.children:
            yield child
            yield from child.all_below()


class Rows(QAbstractItemModel):
    """The tree's shape; what stands in a cell is its child class's."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._root = Node(Branch("", None, ""), None)
        self._nodes: Dict[int, Node] = {}
        self._by_key: Dict[str, Node] = {}

    def shown(self) -> Tuple[Job, ...]:
        """The jobs that have a row, from the top."""
        return tuple(n.job for n in self._root.all_below() if n.job is not None)

    def index_of(self, key: str) -> QModelIndex:
        """Where a job (uid) or a project is; not valid where it has no row."""
        return self._index(self._by_key.get(key))

    def branch(self, index: QModelIndex) -> Optional[Branch]:
        node = self.node(index)
        return node.branch if node is not None else None

    def arrange(self, rows: Sequence[Branch]) -> None:
        """Take rows out, put those that stay into their order, put new ones in."""
        self._take_out(self._root, rows)
        self._reorder(rows)
        self._put_in(self._root, rows)
        changed: List[Node] = []
        self._renew(self._root, rows, changed)
        self._changed(changed)

    def tell_changed(
        self, keys: Iterable[str], first: int = 0, last: int = len(HEADERS) - 1
    ) -> None:
        """Have these rows drawn anew, as far as they are there and in sight."""
        nodes = [self._by_key[key] for key in keys if key in self._by_key]
        self._changed(nodes, first, last)

    def _take_out(self, parent: Node, rows: Sequence[Branch]) -> None:
        wanted = {row.key: row for row in rows}
        stays = [node.branch.key in wanted for node in parent.children]
        last = len(stays) - 1
        while last >= 0:
            first = last
            while first >= 0 and not stays[first]:
                first -= 1
            if first < last:
                self.beginRemoveRows(self._index(parent), first + 1, last)
                gone = parent.children[first + 1 : last + 1]
                del parent.children[first + 1 : last + 1]
                parent.renumber()
                self._forget(gone)
                self.endRemoveRows()
            last = first - 1
        for node in parent.children:
            self._take_out(node, wanted[node.branch.key].children)

    def _forget(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            self._forget(node.children)
            self._nodes.pop(id(node), None)
            if self._by_key.get(node.branch.key) is node:
                del self._by_key[node.branch.key]

    def _reorder(self, rows: Sequence[Branch]) -> None:
        """All levels at once: Qt lays rows out anew whenever one of them moves."""
        orders: List[Tuple[Node, List[Node]]] = []
        self._find_orders(self._root, rows, orders)
        if not orders:
            return
        self.layoutAboutToBeChanged.emit()
        before = [(index, self.node(index)) for index in self.persistentIndexList()]
        for parent, children in orders:
            parent.children = children
            parent.renumber()
        after = [self._index(node, index.column()) for index, node in before]
        self.changePersistentIndexList([index for index, _ in before], after)
        self.layoutChanged.emit()

    def _find_orders(
        self,
        parent: Node,
        rows: Sequence[Branch],
        orders: List[Tuple[Node, List[Node]]],
    ) -> None:
        there = {node.branch.key: node for node in parent.children}
        kept = [row for row in rows if row.key in there]
        wanted = [there[row.key] for row in kept]
        if wanted != parent.children:
            orders.append((parent, wanted))
        for node, row in zip(wanted, kept):
            self._find_orders(node, row.children, orders)

    def _put_in(self, parent: Node, rows: Sequence[Branch]) -> None:
        there = {node.branch.key: node for node in parent.children}
        at = 0
        while at < len(rows):
            new = list(itertools.takewhile(lambda r: r.key not in there, rows[at:]))
            if new:
                self.beginInsertRows(self._index(parent), at, at + len(new) - 1)
                nodes = [Node(row, parent) for row in new]
                parent.children[at:at] = nodes
                parent.renumber()
                self._remember(nodes)
                self.endInsertRows()
                at += len(new)
            else:
                self._put_in(there[rows[at].key], rows[at].children)
                at += 1

    def _remember(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            self._nodes[id(node)] = node
            self._by_key[node.branch.key] = node
            self._remember(node.children)

    def _renew(self, parent: Node, rows: Sequence[Branch], changed: List[Node]) -> None:
        for node, row in zip(parent.children, rows):
            before, node.branch = node.branch, row
            if not _looks_same(before, row):
                changed.append(node)
            self._renew(node, row.children, changed)

    def _changed(
        self, nodes: Sequence[Node], first: int = 0, last: int = len(HEADERS) - 1
    ) -> None:
        """Rows between them are drawn too, those that are in sight.

        Rows of many parents are told as if the first project had changed: a view then
        draws all that is in sight, once, and asks of no other row.
        """
        by_parent: Dict[int, List[Node]] = {}
        for node in nodes:
            by_parent.setdefault(id(node.parent), []).append(node)
        groups = list(by_parent.values())
        if len(groups) > _FEW:
            groups = [self._root.children[:1]]
        for group in groups:
            top = min(group, key=lambda node: node.row)
            bottom = max(group, key=lambda node: node.row)
            self.dataChanged.emit(self._index(top, first), self._index(bottom, last))

    def node(self, index: QModelIndex) -> Optional[Node]:
        return self._nodes.get(index.internalId()) if index.isValid() else None

    def _index(self, node: Optional[Node], column: int = 0) -> QModelIndex:
        if node is None or node is self._root:
            return QModelIndex()
        return self.createIndex(node.row, column, node)

    # -- what Qt asks -----------------------------------------------------------------

    def index(
        self,
        row: int,
        column: int,
        parent: QModelIndex = QModelIndex(),  # noqa: B008
    ) -> QModelIndex:
        above = self.node(parent) if parent.isValid() else self._root
        if above is None or not 0 <= row < len(above.children):
            return QModelIndex()
        if not 0 <= column < len(HEADERS):
            return QModelIndex()
        return self.createIndex(row, column, above.children[row])

    def parent(self, index: Optional[QModelIndex] = None) -> Any:
        """The row above; without an index QObject's own parent."""
        if index is None:
            return super().parent()
        node = self.node(index)
        return self._index(node.parent if node is not None else None)

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        if not parent.isValid():
            return len(self._root.children)
        node = self.node(parent) if parent.column() == 0 else None
        return len(node.children) if node is not None else 0

    def hasChildren(self, parent: QModelIndex = QModelIndex()) -> bool:  # noqa: B008
        return self.rowCount(parent) > 0

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return len(HEADERS)


def _looks_same(one: Branch, other: Branch) -> bool:
    if one.job is None or other.job is None:
        return one.title == other.title and one.told == other.told
    return one.job is other.job or one.job == other.job
