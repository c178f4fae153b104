"""A graph that is to be tried again: each task in it is, unless it says otherwise itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.structs import replace

from .graphs import ordered, uses_of

if TYPE_CHECKING:
    from .model import Component, Dag, Pipeline, Retry


def inherit_retries(pipeline: Pipeline) -> Pipeline:
    """Hand the retries of graphs down to the tasks in them, as KFP's servers do.

    Where several tasks run the same graph the first that asks for retries counts.

    Parameters
    ----------
    pipeline
        One that was checked: its components do not contain each other in a circle.
    """
    order, _ = ordered(uses_of(pipeline))
    policies: dict[str, Retry] = {}
    changed: dict[str, Component] = {}
    for name in reversed(order):
        component = pipeline.root if name == "root" else pipeline.components[name]
        dag = component.dag
        if dag is None:
            continue
        if policy := policies.get(name):
            dag = _with_retries(dag, policy)
            changed[name] = replace(component, dag=dag)
        for task in dag.tasks.values():
            if task.retry is not None:
                policies.setdefault(task.component, task.retry)
    if not changed:
        return pipeline
    return replace(pipeline, components={**pipeline.components, **changed})


def _with_retries(dag: Dag, policy: Retry) -> Dag:
    tasks = {
        name: task if task.retry else replace(task, retry=policy)
        for name, task in dag.tasks.items()
    }
    return replace(dag, tasks=tasks)
