"""Regular expressions that take time in proportion to the text, whatever they say.

Python's own engine tries one way after the other, and an expression like ``(a+)+$`` keeps it busy
for ever, with the lock that every thread of the server needs. Here all ways are followed at once,
one character after the other, and the sets of places met are remembered: what costs is the length
of the text. The price: no back-references and no looking around.
"""

from __future__ import annotations

from .matcher import compiled, matches
from .parser import Unsupported

__all__ = ["Unsupported", "compiled", "matches"]
