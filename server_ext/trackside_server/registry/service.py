"""The registry as the rest of the server sees it."""

from __future__ import annotations

from .models import Models
from .promotions import Promotions
from .versions import Versions


class Registry(Models, Versions, Promotions):
    """Registered models, their versions, and who promoted which."""
