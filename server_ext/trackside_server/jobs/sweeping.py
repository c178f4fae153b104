"""Removes what a crash left behind: secrets of ended jobs, folders of jobs never stored."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from . import storage
from .directory import JobDirectory, list_folders
from .states import ENDED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from .bundles import Bundles
    from .ledger import Ledger
    from .states import State
    from .strangers import Strangers

_ORPHAN_SECONDS: Final = 3600.0


async def sweep(root: Path, ledger: Ledger, bundles: Bundles, strangers: Strangers) -> None:
    """Remove it from a store and its folders.

    Parameters
    ----------
    root
        The root of the store.
    ledger, bundles, strangers
        What is in use, or will be.
    """
    await ledger.write(lambda entry: storage.drop_old_tokens(entry.connection))
    folders = await asyncio.to_thread(list_folders, root)
    states = await ledger.read(lambda connection: storage.known(connection, folders))
    await asyncio.to_thread(_tidy, root, folders, states)
    used = await ledger.read(lambda c: storage.bundles_in_use(c) | strangers.bundles(c))
    await asyncio.to_thread(bundles.remove_unused, used)


def _tidy(root: Path, folders: Sequence[str], states: Mapping[str, State]) -> None:
    for name in folders:
        directory = JobDirectory(root, name)
        if name not in states:
            # Its submission may still be under way, on this server or another one.
            if directory.age() > _ORPHAN_SECONDS:
                directory.remove()
        elif states[name] in ENDED:
            directory.tidy()
