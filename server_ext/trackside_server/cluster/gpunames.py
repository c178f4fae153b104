"""Short names of accelerators, out of the labels that their makers' tools give to nodes."""

from __future__ import annotations

import re

# What tells a GPU's maker, line or socket, but not one GPU from another as people call them.
_NOISE = re.compile(
    r"nvidia|tesla|geforce|graphics|generation|amd|instinct|radeon|oam|sxm\d*|pcie|hbm\d\w*"
    r"|podslice|slice|device",
    re.IGNORECASE,
)
_PROFILE = re.compile(r"(\d+g\.\d+gb(?:[.+][a-z.]+)?)", re.IGNORECASE)
_SIZE = re.compile(r"(\d+)g(?:i?b)?", re.IGNORECASE)
# Some clouds write their labels in lower case; the generations of TPUs (v5e) are written so by all.
_LOWERED = re.compile(r"(?!v\d[a-z]?$)[a-z]{1,2}\d+[a-z]*|\d+gb|tpu|rtx")
SHARED = "shared"


def short_name(product: str) -> str:
    """Return how people call a product: ``A100-80GB`` for ``NVIDIA-A100-SXM4-80GB``.

    Parameters
    ----------
    product
        The value of a node's label, or of a device's attribute.
    """
    words = [
        word
        for word in re.split(r"[-_\s]+", product)
        if word and not _NOISE.fullmatch(word) and word.upper() != "MIG"
    ]
    return "-".join(_written(word) for word in words) or "GPU"


def mig_profile(text: str) -> str | None:
    """Return the MIG profile that a product, a resource or a request names: ``1g.10gb``."""
    match = _PROFILE.search(text)
    return match[1].lower().replace("+", ".").removesuffix(f".{SHARED}") if match else None


def words(name: str) -> frozenset[str]:
    """Return what a name consists of, so that ``a100 80G`` is found in ``A100-80GB``."""
    parts = re.split(r"[-_\s]+", name.strip().lower())
    return frozenset(_SIZE.sub(r"\1gb", part) if _SIZE.fullmatch(part) else part for part in parts)


def _written(word: str) -> str:
    """Write one word of a name as people do: lower-case labels hold ``t4`` and ``80gb``."""
    if word.lower() == SHARED or _PROFILE.fullmatch(word):
        return word.lower()
    return word.upper() if _LOWERED.fullmatch(word) else word
