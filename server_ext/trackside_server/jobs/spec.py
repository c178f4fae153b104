"""From the body of a request to what shall run; each mistake is named with its remedy."""

from __future__ import annotations

import hashlib
import json
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from trackside_server.errors import InvalidInput

from .demands import IsSecret, read_environment, read_resources, read_time_limit
from .entities import KINDS, JobSpec, Kind
from .fields import Fields, check_depth, finite, shown
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
)

MAX_PARAMS = 1000
MAX_PARAM_BYTES = 256 * 1024
MAX_RETRIES = 100
MAX_TAGS = 100
MAX_SOURCE_BYTES = 2 * 1024 * 1024

_KEY = re.compile(r"[\w.:-]{1,200}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SCRIPT_PARAM = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,249}")
# What a source says in texts. The cell's text goes to the provenance of the run, the rest is kept
# with the job.
_SOURCE_TEXTS = ("label", "notebook", "path", "cell_id", "kernel_id", "cwd")
_NOT_KEPT = ("cell",)


@dataclass(frozen=True)
class JobRequest:
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
    """

    spec: JobSpec
    idempotency_key: str | None = None
    path: str | None = None
    files: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)

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
    bundle, path = _code(fields, kind)
    env, secrets = read_environment(fields, is_secret)
    source = _source(fields)
    spec = JobSpec(
        kind=kind,
        bundle=bundle,
        source={key: value for key, value in source.items() if key not in _NOT_KEPT},
        params=_params(fields, kind),
        arguments=_arguments(fields, kind),
        function=_function(fields, kind),
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
        on=fields.text("on", 100) or "local",
    )
    return JobRequest(spec, _key(fields), path, fields.texts("files"), secrets, source)


def parse_overrides(spec: JobSpec, overrides: Mapping[str, Any], is_secret: IsSecret) -> JobRequest:
    """Read what a rerun changes.

    Parameters
    ----------
    spec
        What ran.
    overrides
        Fields as in ``POST /jobs``; ``params``, ``env``, ``resources`` and ``tags`` change the
        names that they hold and leave the others.
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
    stored = spec.to_json()
    body: dict[str, Any] = {
        name: stored[name] for name in FIELDS if name in stored and stored[name] is not None
    }
    body["arguments"] = list(spec.arguments)
    for name, value in overrides.items():
        merges = name in ("params", "env", "resources", "tags") and isinstance(value, Mapping)
        body[name] = {**body.get(name, {}), **value} if merges else value
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


def _key(fields: Fields) -> str | None:
    key = fields.text("idempotency_key", 200)
    if key is not None and not _KEY.fullmatch(key):
        raise fields.wrong("idempotency_key", "letters, digits and . _ : - only")
    return key


def _code(fields: Fields, kind: Kind) -> tuple[str, str | None]:
    bundle, path = fields.text("bundle"), fields.text("path", 4000)
    if (bundle is None) == (path is None):
        raise InvalidInput(
            "A job needs either bundle or path.",
            hint="Send the digest of an uploaded bundle, or the path of a script or notebook.",
            reason="bundle",
        )
    if bundle is not None and not _DIGEST.fullmatch(bundle):
        raise fields.wrong("bundle", "the digest of an uploaded bundle (64 hex digits)")
    if path is not None and kind not in ("script", "notebook"):
        raise fields.wrong("path", f"absent for a {kind}", "Send its code as a bundle.")
    return bundle or "", path


def _function(fields: Fields, kind: Kind) -> str | None:
    name = fields.text("function", 200)
    if name is not None and not all(part.isidentifier() for part in name.split(".")):
        raise fields.wrong("function", "the name of a function")
    if kind == "function" and name is None:
        raise fields.wrong("function", "the name of the function to run")
    return name


def _params(fields: Fields, kind: Kind) -> dict[str, Any]:
    params = fields.mapping("params")
    if len(params) > MAX_PARAMS:
        raise InvalidInput(f"params holds {len(params)} names; {MAX_PARAMS} is the most.")
    for name, value in params.items():
        plain = bool(_SCRIPT_PARAM.fullmatch(name))
        if not (plain if kind == "script" else name.isidentifier() and not keyword.iskeyword(name)):
            raise InvalidInput(
                f"params has the name {shown(name)}, which no variable can have.",
                hint="Use letters, digits and _, and begin with a letter.",
                reason="params",
            )
        if not finite(value):
            raise InvalidInput(
                f"params.{name} holds NaN or an infinity, which JSON does not know.",
                hint=f'Send it as a text ("inf") and use float({name}) in the code.',
                reason=f"params.{name}",
            )
    if len(json.dumps(params)) > MAX_PARAM_BYTES:
        raise InvalidInput(
            f"params is larger than {size_text(MAX_PARAM_BYTES)}.",
            hint="Put large values into a file that travels with the code.",
            reason="params",
        )
    return dict(params)


def _arguments(fields: Fields, kind: Kind) -> tuple[str, ...]:
    arguments = fields.texts("arguments")
    if arguments and kind != "script":
        raise fields.wrong("arguments", f"absent for a {kind}", "Use params.")
    return arguments


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
        if name.startswith("trackside."):
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
