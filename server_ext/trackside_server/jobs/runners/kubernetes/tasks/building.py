"""All manifests of a task from all that is known about it: a pure function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from trackside_server.jobs.runners.kubernetes import manifests, names
from trackside_server.jobs.runners.kubernetes.building import Ingredients, Made, Support
from trackside_server.jobs.runners.kubernetes.delivery import Delivery
from trackside_server.jobs.runners.kubernetes.manifests import Shared, TaskPlan, literal
from trackside_server.jobs.runners.kubernetes.manifests.parts import with_parts
from trackside_server.jobs.runners.kubernetes.manifests.pod import CONTAINER
from trackside_server.structs import Discreet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.jobs.entities import Job
    from trackside_server.jobs.runners.kubernetes.surroundings import Surroundings

    from .cargo import Cargo

# By which the code of a job finds its run.
TRACKING: Final = (
    "MLFLOW_TRACKING_URI",
    "MLFLOW_TRACKING_TOKEN",
    "MLFLOW_EXPERIMENT_ID",
    "MLFLOW_RUN_ID",
)
# By which what travels finds this server.
REACH: Final = ("TRACKSIDE_URL", "TRACKSIDE_TOKEN")
# By which what arrives of a pod is told from what another one left that the cluster took away.
_POD: Final = {"name": "TRACKSIDE_POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
_SECURITY: Final = ("runAsUser", "runAsGroup", "runAsNonRoot", "seccompProfile")


class TaskIngredients(Discreet, Struct, frozen=True):
    """All that the manifests of a task are made of.

    Parameters
    ----------
    namespace
        Where.
    job, cargo
        The task.
    home
        What the notebook's pod is.
    courier
        The image that fetches and sends.
    pieces
        What is mounted there; empty where nothing travels.
    fetches, sends
        Whether inputs have to be fetched, and outputs to be sent.
    shared
        What is mounted from volumes that the notebook shares.
    variables
        What travels in a Secret; empty where none may be made.
    code_kind
        Whether pieces travel in a ``ConfigMap`` or a ``Secret``.
    grace
        The seconds between SIGTERM and SIGKILL.
    lateness
        How many seconds after its time limit the cluster ends it that nobody else has ended.
    """

    secret_fields = ("variables",)

    namespace: str
    job: Job
    cargo: Cargo
    home: Surroundings
    courier: str = ""
    pieces: Sequence[Mapping[str, bytes]] = ()
    fetches: bool = False
    sends: bool = True
    shared: Sequence[Shared] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    code_kind: str = "ConfigMap"
    grace: int = 30
    lateness: int = 0


def build_task(of: TaskIngredients) -> Made:
    """Build the manifests.

    Raises
    ------
    InvalidInput
        What its author added takes a name or path that is taken.
    """
    job, home = of.job, of.home
    image = job.spec.image or ""
    support = Support(
        Ingredients(
            of.namespace,
            job,
            image,
            home,
            variables=of.variables,
            delivery=Delivery("pieces", tuple(of.pieces)) if of.pieces else None,
            code_kind=of.code_kind,
        )
    )
    name = names.object_name(job)
    plan = TaskPlan(
        name=name,
        image=image,
        command=of.cargo.command,
        args=of.cargo.args,
        env=_env(of, name),
        resources=_resources(of.cargo),
        code=support.sources,
        courier=of.courier,
        courier_env=[*_secret(of, name, REACH), _POD],
        courier_security={key: home.security[key] for key in _SECURITY if key in home.security},
        fetches=of.fetches,
        sends=of.sends,
        shared=of.shared,
        volumes=home.volumes,
        tolerations=home.tolerations,
        # Where the notebook runs there may be no GPU.
        node_selector={} if job.spec.resources.gpus else home.node_selector,
        pull_secrets=home.pull_secrets,
        service_account=home.service_account,
        labels={**home.labels, **names.labels(job)},
        annotations=names.remarks(job),
        time_limit=job.spec.time_limit and job.spec.time_limit + of.lateness,
        grace=of.grace,
    )
    main = manifests.job(
        name,
        with_parts(manifests.task_template(plan), of.cargo.parts, CONTAINER),
        nodes=1,
        namespace=of.namespace,
        labels=names.labels(job),
        annotations={**names.remarks(job), **names.passport(job)},
    )
    path = f"/apis/batch/v1/namespaces/{of.namespace}/jobs"
    return Made(tuple(support.made), main, path, image, shared=not of.sends)


def _env(of: TaskIngredients, name: str) -> list[dict[str, Any]]:
    own = {key: {"name": key, "value": literal(value)} for key, value in of.job.spec.env.items()}
    hidden = _secret(of, name, (*of.job.spec.secret_env, *TRACKING))
    return [own[key] for key in sorted(own)] + [one for one in hidden if one["name"] not in own]


def _secret(of: TaskIngredients, name: str, keys: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"name": key, "valueFrom": {"secretKeyRef": {"name": f"{name}-env", "key": key}}}
        for key in keys
        if key in of.variables
    ]


def _resources(cargo: Cargo) -> dict[str, Any]:
    both = {"requests": dict(cargo.requests), "limits": dict(cargo.limits)}
    return {key: value for key, value in both.items() if value}
