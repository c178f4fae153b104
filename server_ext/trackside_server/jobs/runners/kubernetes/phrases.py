"""The words that sentences about the cluster share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from trackside_server.jobs.entities import Reason
from trackside_server.jobs.quantities import duration_text, parse_size, size_text

if TYPE_CHECKING:
    from .situation import Asked, Seen

UNREACHABLE: Final = "CLUSTER_UNREACHABLE"

_LINE = 200
_ORDINALS = {1: "st", 2: "nd", 3: "rd"}
_QUANTITY = re.compile(r"\d+(?:\.\d+)?[kKMGTP]i?")


class Stage(Struct, frozen=True):
    """How far a pod or a job has come on its way to run.

    Parameters
    ----------
    order
        Small ones hold the others up: they are told first.
    reason
        Code and sentence.
    stuck
        Whether it will not go on unless somebody changes something.
    """

    order: int
    reason: Reason
    stuck: bool = False


# How much each kind of stage holds up.
TROUBLE, UNPLACED, PULLING, MAKING = range(4)


def trouble(code: str, message: str, *, stuck: bool = False) -> Stage:
    """Tell of something that went wrong on the way."""
    return Stage(TROUBLE, Reason(code, message), stuck)


def unreachable(problem: str, meanwhile: str) -> Reason:
    """Tell that the cluster does not answer, and what that means for a job."""
    return Reason(UNREACHABLE, f"The cluster does not answer ({problem}); {meanwhile}.")


def plural(count: int, noun: str) -> str:
    """Count things: ``1 node``, ``2 nodes``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def ordinal(number: int) -> str:
    """Write a place in a line: ``1st``, ``2nd``, ``11th``."""
    last = 0 if number % 100 in (11, 12, 13) else number % 10
    return f"{number}{_ORDINALS.get(last, 'th')}"


def since_text(milliseconds: int) -> str:
    """Write how long something lasts, as exactly as matters while one waits: ``2 min``."""
    seconds = max(milliseconds, 0) // 1000
    return duration_text(seconds if seconds < 60 else seconds // 60 * 60)


def bytes_text(size: int) -> str:
    """Write the size of a download: ``8.1 GB``."""
    value = float(size)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.1f}".removesuffix(".0") + " GB"


def amounts(text: str) -> str:
    """Write the quantities inside a text of the cluster for people: ``16Gi`` as ``16 GiB``."""
    return _QUANTITY.sub(lambda found: size_text(parse_size(found[0])), text)


def line(text: str) -> str:
    """Quote what a controller says: its first line, short, without a full stop."""
    first = next((part.strip() for part in text.splitlines() if part.strip()), "").rstrip(". ")
    return first if len(first) <= _LINE else first[: _LINE - 1] + "…"


def because(text: str) -> str:
    """Add what a controller says to a sentence; nothing when it says nothing."""
    said = line(text)
    return f": {said}" if said else ""


def lower_first(sentence: str) -> str:
    """Put a sentence after a colon; names such as ``ValueError`` stay."""
    word = sentence.split(" ", 1)[0]
    return sentence if word[1:] != word[1:].lower() else sentence[:1].lower() + sentence[1:]


def node_text(node: str) -> str:
    """Name a node inside a sentence."""
    return f"node {node}" if node else "its node"


def start(sentence: str) -> str:
    """Begin a sentence."""
    return sentence[:1].upper() + sentence[1:]


def wanted(asked: Asked) -> str:
    """Name what the job waits for: ``1 GPU``, ``8 A100s on 2 nodes``, ``4 CPUs``."""
    where = f" on {asked.nodes} nodes" if asked.nodes > 1 else ""
    if asked.gpus:
        return plural(asked.gpus * asked.nodes, asked.gpu_type or "GPU") + where
    if asked.cpus:
        number = f"{asked.cpus * asked.nodes:g}"
        return f"{number} CPU{'' if number == '1' else 's'}{where}"
    return f"{asked.nodes} nodes" if asked.nodes > 1 else "a node"


def fit_text(seen: Seen) -> str:
    """Say how the GPUs stand: ``3 nodes have A100s, all 24 in use``."""
    fit, kind = seen.fit, seen.asked.gpu_type or "GPU"
    if fit is None or not seen.asked.gpus:
        return ""
    if not fit.nodes:
        return f"no node has {kind}s"
    verb = "has" if fit.nodes == 1 else "have"
    there = f"{plural(fit.nodes, 'node')} {verb} {kind}s"
    if fit.used >= fit.total:
        return f"{there}, all {fit.total} in use" if fit.total > 1 else f"{there}, and it is in use"
    return f"{there}, {fit.total - fit.used} of {fit.total} free"


def place_text(seen: Seen) -> str:
    """Say where in line the job is: ``2nd in queue team-a``."""
    if seen.line is not None:
        return f"{ordinal(seen.line.position)} in queue {seen.line.queue}"
    return f"in queue {seen.queue}" if seen.queue else ""
