"""What asks one cluster: its parts share what they found out a moment ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .capacity import Capacity
from .discovery import Discovery
from .permissions import Permissions

if TYPE_CHECKING:
    from .api import Api


class Readers:
    """What asks one cluster, and remembers its answers.

    Parameters
    ----------
    api
        The way to it.
    """

    def __init__(self, api: Api) -> None:
        self.api = api
        self.discovery = Discovery(api)
        self.permissions = Permissions(api)
        self.capacity = Capacity(api, self.discovery)

    def forget(self) -> None:
        """Ask for everything anew the next time."""
        self.discovery.forget()
        self.permissions.forget()
        self.capacity.forget()
