"""Objects as YAML, for people who read manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def yaml_of(objects: Sequence[Mapping[str, Any]]) -> str:
    """Return several documents in one text, as ``kubectl apply -f`` takes it."""
    # Here, because most servers are never asked for it.
    import yaml

    texts = [yaml.safe_dump(dict(one), sort_keys=False, allow_unicode=True) for one in objects]
    return "---\n".join(texts)
