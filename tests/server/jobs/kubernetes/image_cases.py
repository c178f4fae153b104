"""What is told of images that are pulled, and of those that cannot be."""

from __future__ import annotations

from .cluster import IMAGE, event
from .starting_scenes import backoff, container, creating

IMAGES = [
    (
        "pulling an image whose size is known",
        creating(
            event("Scheduled", ago=150),
            event("Pulling", f'Pulling image "{IMAGE}"', ago=130),
            image_sizes={IMAGE: 8123456789},
        ),
        "PULLING_IMAGE",
        "Pulling the image for 2 min (8.1 GB).",
    ),
    (
        "pulling for some seconds",
        creating(event("Pulling", f'Pulling image "{IMAGE}"', ago=12)),
        "PULLING_IMAGE",
        "Pulling the image for 12 s.",
    ),
    (
        "pulled, and not yet started",
        creating(
            event("Pulling", f'Pulling image "{IMAGE}"', ago=40),
            event("Pulled", f'Successfully pulled image "{IMAGE}" in 3s', ago=2),
        ),
        "STARTING",
        "Starting on node gpu-3.",
    ),
    (
        "the image is not found",
        backoff(f'failed to resolve reference "{IMAGE}": {IMAGE}: not found'),
        "IMAGE_NOT_FOUND",
        f"Cannot pull image {IMAGE}: not found. Check its name and tag.",
    ),
    (
        "the image is not found, told by an event alone",
        container(
            "ImagePullBackOff",
            f'Back-off pulling image "{IMAGE}"',
            event("Failed", f'Failed to pull image "{IMAGE}": manifest unknown', warning=True),
            event("Failed", "Error: ImagePullBackOff", ago=1, warning=True),
        ),
        "IMAGE_NOT_FOUND",
        f"Cannot pull image {IMAGE}: not found. Check its name and tag.",
    ),
    (
        "the registry hides whether the image exists",
        backoff(
            "pull access denied, repository does not exist or may require authorization: "
            "insufficient_scope: authorization failed"
        ),
        "IMAGE_NOT_FOUND",
        (
            f"Cannot pull image {IMAGE}: not found, or it needs a login. "
            "Check its name, or name a pull secret."
        ),
    ),
    (
        "the registry refuses",
        backoff("unexpected status from HEAD request: 401 Unauthorized"),
        "IMAGE_UNAUTHORIZED",
        (
            f"Cannot pull image {IMAGE}: the registry refuses access. "
            "Name a pull secret that may read it."
        ),
    ),
    (
        "the registry counts pulls",
        backoff("429 Too Many Requests - toomanyrequests: You have reached your pull rate limit"),
        "IMAGE_RATE_LIMITED",
        (
            f"Cannot pull image {IMAGE}: the registry allows no more pulls for now. "
            "It is tried again; credentials in a pull secret raise the limit."
        ),
    ),
    (
        "the registry does not answer",
        backoff("dial tcp 10.0.0.1:443: i/o timeout"),
        "IMAGE_REGISTRY_UNREACHABLE",
        f"Cannot pull image {IMAGE}: the registry does not answer. It is tried again.",
    ),
    (
        "the registry's name is unknown",
        backoff("dial tcp: lookup registry.example on 10.96.0.10:53: no such host"),
        "IMAGE_REGISTRY_UNREACHABLE",
        (
            f"Cannot pull image {IMAGE}: there is no registry of this name. "
            "Check the first part of the image's name, or the cluster's DNS."
        ),
    ),
    (
        "the registry's certificate",
        backoff("tls: failed to verify certificate: x509: signed by unknown authority"),
        "IMAGE_REGISTRY_UNREACHABLE",
        (
            f"Cannot pull image {IMAGE}: the registry's certificate is not trusted by the node. "
            "Ask the cluster's administrator to add it."
        ),
    ),
    (
        "the wrong processor",
        backoff("no match for platform in manifest: not found"),
        "IMAGE_WRONG_PLATFORM",
        (
            f"Cannot pull image {IMAGE}: it is not built for the node's processor. "
            "Build it for this platform too."
        ),
    ),
    (
        "the node's disk is full",
        backoff("write /var/lib/containerd/x: no space left on device"),
        "DISK_FULL",
        (
            f"Cannot pull image {IMAGE}: the node's disk is full. "
            "It is tried again when there is room."
        ),
    ),
    (
        "an error that is not known",
        container("ErrImagePull", "rpc error: code = Internal desc = the sky fell"),
        "IMAGE_PULL_FAILED",
        f"Cannot pull image {IMAGE}: the sky fell.",
    ),
    (
        "never pulled and not there",
        container("ErrImageNeverPull", "Container image is not present with pull policy of Never"),
        "IMAGE_NOT_ON_NODE",
        (
            f"Image {IMAGE} is not on the node, and its pull policy is Never. "
            "Choose another image or policy."
        ),
    ),
    (
        "a name that is none",
        container("InvalidImageName", "couldn't parse image name"),
        "IMAGE_NAME_INVALID",
        f"{IMAGE} is no valid name of an image. Check its spelling.",
    ),
    (
        "a signature that is not accepted",
        container("SignatureValidationFailed", "image signature check failed"),
        "IMAGE_SIGNATURE",
        (
            f"Cannot pull image {IMAGE}: its signature is not accepted. "
            "Use an image that the cluster's policy trusts."
        ),
    ),
]
