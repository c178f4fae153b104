"""Pulling images: for how long, how much, and why not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trackside_server.jobs.entities import Reason

from .phrases import PULLING, Stage, bytes_text, line, since_text, trouble

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .objects import ContainerView, EventView

FAILURES = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "InvalidImageName",
        "ImageInspectError",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    }
)
_PULLED = re.compile(r'pulled image "([^"]+)".* Image size: (\d{1,18}) bytes')
# What registries and runtimes say, most telling first: a refusal often says "not found" as well.
_CAUSES: tuple[tuple[str, str, str, str, bool], ...] = (
    (
        r"toomanyrequests|rate limit|too many requests",
        "IMAGE_RATE_LIMITED",
        "the registry allows no more pulls for now",
        "It is tried again; credentials in a pull secret raise the limit.",
        False,
    ),
    (
        r"repository does not exist or may require|insufficient_scope",
        "IMAGE_NOT_FOUND",
        "not found, or it needs a login",
        "Check its name, or name a pull secret.",
        True,
    ),
    (
        r"unauthorized|authentication required|denied|forbidden|no basic auth|\b40[13]\b",
        "IMAGE_UNAUTHORIZED",
        "the registry refuses access",
        "Name a pull secret that may read it.",
        True,
    ),
    (
        r"no match for platform|exec format",
        "IMAGE_WRONG_PLATFORM",
        "it is not built for the node's processor",
        "Build it for this platform too.",
        True,
    ),
    (
        r"no space left",
        "DISK_FULL",
        "the node's disk is full",
        "It is tried again when there is room.",
        False,
    ),
    (
        r"no such host|server misbehaving|name resolution",
        "IMAGE_REGISTRY_UNREACHABLE",
        "there is no registry of this name",
        "Check the first part of the image's name, or the cluster's DNS.",
        True,
    ),
    (
        r"x509|certificate",
        "IMAGE_REGISTRY_UNREACHABLE",
        "the registry's certificate is not trusted by the node",
        "Ask the cluster's administrator to add it.",
        True,
    ),
    (
        r"time-?out|deadline exceeded|connection re(?:fused|set)|unreachable|no route|\beof\b",
        "IMAGE_REGISTRY_UNREACHABLE",
        "the registry does not answer",
        "It is tried again.",
        False,
    ),
    (
        r"not found|manifest unknown|name unknown|\b404\b",
        "IMAGE_NOT_FOUND",
        "not found",
        "Check its name and tag.",
        True,
    ),
    (
        r"signature",
        "IMAGE_SIGNATURE",
        "its signature is not accepted",
        "Use an image that the cluster's policy trusts.",
        True,
    ),
)


def cannot_pull(container: ContainerView, told: Sequence[EventView]) -> Stage:
    """Say why an image cannot be had.

    Parameters
    ----------
    container
        The container that waits.
    told
        The events of its pod.
    """
    image, waiting = container.image or "of the pod", container.waiting
    if waiting == "ErrImageNeverPull":
        return trouble(
            "IMAGE_NOT_ON_NODE",
            f"Image {image} is not on the node, and its pull policy is Never. "
            "Choose another image or policy.",
            stuck=True,
        )
    if waiting == "InvalidImageName":
        return trouble(
            "IMAGE_NAME_INVALID",
            f"{image} is no valid name of an image. Check its spelling.",
            stuck=True,
        )
    # Older kubelets say only "Back-off" here; the cause is in the event before.
    tries = [event.message for event in told if event.message.startswith("Failed to pull")]
    said = "\n".join((container.message, *tries[-1:], waiting)).replace(image, "")
    for pattern, code, why, advice, stuck in _CAUSES:
        if re.search(pattern, said, re.IGNORECASE):
            return trouble(code, f"Cannot pull image {image}: {why}. {advice}", stuck=stuck)
    cause = line((tries or [container.message])[-1].rpartition(" desc = ")[2]) or waiting
    return trouble("IMAGE_PULL_FAILED", f"Cannot pull image {image}: {cause}.")


def pulling(
    container: ContainerView, told: Sequence[EventView], sizes: Mapping[str, int], now: int
) -> Stage | None:
    """Say for how long an image is being pulled; None when it is not.

    Parameters
    ----------
    container
        The container that waits.
    told
        The events of its pod, the latest last.
    sizes
        Bytes of images that were pulled before.
    now
        Milliseconds.
    """
    named = f'"{container.image}"'
    steps = [
        event for event in told if event.reason in ("Pulling", "Pulled") and named in event.message
    ]
    if not steps or steps[-1].reason == "Pulled":
        return None
    since = steps[-1].last_at
    lasting = f" for {since_text(now - since)}" if since is not None else ""
    size = sizes.get(container.image)
    much = f" ({bytes_text(size)})" if size else ""
    return Stage(PULLING, Reason("PULLING_IMAGE", f"Pulling the image{lasting}{much}."))


def pulled(event: EventView) -> tuple[str, int] | None:
    """Learn the size of an image from the event that tells that it was pulled.

    Parameters
    ----------
    event
        Any event.

    Returns
    -------
    tuple of str and int, or None
        The image's name and its bytes.
    """
    found = _PULLED.search(event.message) if event.reason == "Pulled" else None
    return (found[1], int(found[2])) if found is not None else None
