"""From the body of a request to what shall run; each mistake is named with its remedy."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, cast

from msgspec import Struct, field

from trackside_server.errors import InvalidInput
from trackside_server.structs import Discreet

from .demands import IsSecret, merged_resources, read_environment, read_resources, read_time_limit
from .entities import KINDS, JobSpec, Kind
from .fields import Fields, check_depth, finite, shown
from .places import read_image, read_on, read_queue, read_runtime
from .programs import read_arguments, read_code, read_function, read_params
from .quantities import size_text

FIELDS = (
    "idempotency_key",
    "kind",
    "bundle",
    "path",
    "files",
    "function",
    "params",
    "arguments",
    "name",
    "experiment",
    "env",
    "resources",
    "time_limit",
    "retries",
    "metric_pattern",
    "tags",
    "python",
    "on",
    "image",
    "queue",
    "runtime",
    "install",
    "source",
)
# What a rerun may change; the code stays what it was.
OVERRIDES = (
    "idempotency_key",
    "params",
    "arguments",
    "name",
    "experiment",
    "env",
    "resources",
    "time_limit",
    "retries",
    "metric_pattern",
    "tags",
    "on",
    "image",
    "queue",
    "runtime",
    "install",
)

MAX_RETRIES = 100
MAX_TAGS = 100
MAX_SOURCE_BYTES = 2 * 1024 * 1024

_OWN = "trackside."
_KEY = re.compile(r"[\w.:-]{1,200}")
# What a source says in texts. The cell's text goes to the provenance of the run, the rest is kept
# with the job.
_SOURCE_TEXTS = ("label", "notebook", "path", "cell_id", "kernel_id", "cwd", "python")
_NOT_KEPT = ("cell",)


class JobRequest(Discreet, Struct, frozen=True):
    """A request as it was understood.

    Parameters
    ----------
    spec
        What shall run. Its bundle is empty while `path` is still to be packed.
    idempotency_key
        Names the request, so that it can be sent again.
    path
        A script or notebook on the server's disk, instead of a bundle.
    files
        Further files that travel with `path`.
    secrets
        Environment variables that must not reach the store.
    source
        All that the client tells of the source, the cell's text too.
    notes
        What is worth knowing of it, in sentences.
    """

    secret_fields = ("secrets",)

    spec: JobSpec
    idempotency_key: str | None = None
    path: str | None = None
    files: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """A hash of what was asked for: the same key with another one is a mistake."""
        spec = self.spec.to_json()
        if self.path is not None:
            # Packed anew each time: the file may have changed meanwhile, the request did not.
            spec["bundle"] = ""
        # Told by the kernel at the moment of sending, and so not the same in a repeated request.
        del spec["source"]
        text = json.dumps([spec, self.path, self.files], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def parse_request(body: Mapping[str, Any], is_secret: IsSecret) -> JobRequest:
    """Read the body of ``POST /jobs``.

    Parameters
    ----------
    body
        The JSON object.
    is_secret
        Tells from a name and a value whether the value must stay out of the store.

    Returns
    -------
    JobRequest
        What was asked for.

    Raises
    ------
    InvalidInput
        For the first field that cannot be, naming it and what to write.
    """
    check_depth(body)
    fields = Fields(body)
    fields.allow_only(FIELDS)
    kind = cast("Kind", fields.choice("kind", KINDS))
    bundle, path = read_code(fields, kind)
    env, secrets = read_environment(fields, is_secret)
    source = _source(fields)
    spec = JobSpec(
        kind=kind,
        bundle=bundle,
        source={key: value for key, value in source.items() if key not in _NOT_KEPT},
        params=read_params(fields, kind),
        arguments=read_arguments(fields, kind),
        function=read_function(fields, kind),
        name=fields.text("name", 200),
        experiment=fields.text("experiment", 500),
        env=env,
        secret_env=tuple(sorted(secrets)),
        resources=read_resources(fields),
        time_limit=read_time_limit(fields),
        retries=fields.count("retries", 0, MAX_RETRIES),
        metric_pattern=fields.text("metric_pattern", 2000),
        tags=_tags(fields),
        python=fields.text("python", 4000),
        on=read_on(fields),
        image=read_image(fields),
        queue=read_queue(fields),
        runtime=read_runtime(fields),
        install=fields.flag("install"),
    )
    return JobRequest(spec, read_key(fields), path, fields.texts("files"), secrets, source)


def parse_overrides(spec: JobSpec, overrides: Mapping[str, Any], is_secret: IsSecret) -> JobRequest:
    """Read what a rerun changes.

    Parameters
    ----------
    spec
        What ran.
    overrides
        Fields as in ``POST /jobs``; ``params``, ``env``, ``resources`` and ``tags`` change the
        names that they hold and leave the others. What belongs to the place where it ran does not
        come along to another one.
    is_secret
        As in `parse_request`.

    Returns
    -------
    JobRequest
        What shall run.

    Raises
    ------
    InvalidInput
        For a field that cannot be changed, a wrong value, and for secrets that must be given again.
    """
    check_depth(overrides)
    Fields(overrides, "overrides.").allow_only(OVERRIDES)
    if spec.kind not in KINDS:
        raise InvalidInput(
            "This job is a task of a pipeline run, and runs as part of one only.",
            hint="Retry the pipeline run, or start it again.",
            reason="kind",
        )
    body = _merged(spec, overrides)
    request = parse_request(
        body, lambda name, value: name in spec.secret_env or is_secret(name, value)
    )
    missing = [name for name in spec.secret_env if name not in (body.get("env") or {})]
    if missing:
        names = ", ".join(missing)
        raise InvalidInput(
            f"Secret environment variables are not kept, so {names} has to be given again."
            if len(missing) == 1
            else f"Secret environment variables are not kept: {names} have to be given again.",
            hint="Pass them as env.",
            reason="env",
        )
    return request


def _merged(spec: JobSpec, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a request for what ran, with changes."""
    stored = spec.to_json()
    body: dict[str, Any] = {
        name: stored[name] for name in FIELDS if name in stored and stored[name] is not None
    }
    body["arguments"] = list(spec.arguments)
    # What Trackside wrote itself was about the job that ran.
    body["tags"] = {key: value for key, value in spec.tags.items() if not key.startswith(_OWN)}
    on = overrides.get("on")
    if on not in (None, "", spec.on):
        # The Python of this machine is none of an image's.
        body.pop("python", None)
    if on == "local":
        for name in ("image", "queue", "runtime", "install"):
            body.pop(name, None)
        body["resources"]["nodes"] = 1
    for name, value in overrides.items():
        if name == "resources" and isinstance(value, Mapping):
            body[name] = merged_resources(body[name], value)
        elif name in ("params", "env", "tags") and isinstance(value, Mapping):
            body[name] = {**body.get(name, {}), **value}
        else:
            body[name] = value
    return body


def read_key(fields: Fields) -> str | None:
    """Return the key by which a request that is sent again is known.

    Raises
    ------
    InvalidInput
        It is none.
    """
    key = fields.text("idempotency_key", 200)
    if key is not None and not _KEY.fullmatch(key):
        raise fields.wrong("idempotency_key", "letters, digits and . _ : - only")
    return key


def _tags(fields: Fields) -> dict[str, str]:
    tags = fields.mapping("tags")
    if len(tags) > MAX_TAGS:
        raise InvalidInput(f"tags holds {len(tags)} names; {MAX_TAGS} is the most.")
    for name, value in tags.items():
        if not isinstance(value, str):
            raise InvalidInput(
                f"tags.{shown(name, quote=False)} has to be a text, not {shown(value)}.",
                hint="Put numbers in quotes.",
                reason="tags",
            )
        if name.startswith(_OWN):
            raise InvalidInput(
                f"tags.{shown(name, quote=False)} is written by Trackside itself.",
                hint="Choose a name that does not begin with trackside.",
                reason="tags",
            )
    return dict(tags)


def _source(fields: Fields) -> dict[str, Any]:
    source = fields.mapping("source")
    inner = Fields(source, "source.")
    for name in _SOURCE_TEXTS:
        inner.text(name, 4000)
    if source.get("execution_count") is not None:
        inner.count("execution_count", 0, 2**31)
    if not finite(source) or len(json.dumps(source)) > MAX_SOURCE_BYTES:
        raise InvalidInput(f"source is larger than {size_text(MAX_SOURCE_BYTES)}.", reason="source")
    return dict(source)
