"""Compiled pipelines as the KFP compiler writes them, made part by part."""

from __future__ import annotations

import copy


def document(tasks=None, components=None, executors=None, *, inputs=None, artifacts=None, **more):
    """A pipeline: its tasks, besides the component `comp-say` and its executor others."""
    dag = {"tasks": tasks if tasks is not None else {"say": task("comp-say")}}
    if "outputs" in more:
        dag["outputs"] = more.pop("outputs")
    root = {"dag": dag}
    definitions = {}
    if inputs:
        definitions["parameters"] = inputs
    if artifacts:
        definitions["artifacts"] = artifacts
    if definitions:
        root["inputDefinitions"] = definitions
    if "gives" in more:
        root["outputDefinitions"] = {"parameters": more.pop("gives")}
    return copy.deepcopy(
        {
            "pipelineInfo": {"name": "hello"},
            "schemaVersion": "2.1.0",
            "sdkVersion": "kfp-2.17.0",
            "components": {"comp-say": component(), **(components or {})},
            "deploymentSpec": {"executors": {"exec-say": container(), **(executors or {})}},
            "root": root,
            **more,
        }
    )


def component(executor="exec-say", *, takes=None, gives=None, dag=None, **artifacts):
    """A component; `takes` and `gives` are parameters by name, with a kind or all of a spec."""
    found = {"dag": dag} if dag is not None else {"executorLabel": executor}
    inputs = {"parameters": {n: _spec(one) for n, one in (takes or {}).items()}}
    outputs = {"parameters": {n: _spec(one) for n, one in (gives or {}).items()}}
    inputs["artifacts"] = artifacts.get("takes_artifacts", {})
    outputs["artifacts"] = artifacts.get("gives_artifacts", {})
    return {**found, "inputDefinitions": inputs, "outputDefinitions": outputs}


def container(image="python:3.12", **more):
    return {"container": {"image": image, "command": ["echo", "hello"], **more}}


def task(of, parameters=None, artifacts=None, **more):
    inputs = {"parameters": parameters or {}, "artifacts": artifacts or {}}
    return {"componentRef": {"name": of}, "inputs": inputs, **more}


def constant(value):
    return {"runtimeValue": {"constant": value}}


def outer(name):
    return {"componentInputParameter": name}


def output(of, name="Output"):
    return {"taskOutputParameter": {"producerTask": of, "outputParameterKey": name}}


def artifact_of(of, name="data"):
    return {"taskOutputArtifact": {"producerTask": of, "outputArtifactKey": name}}


DATASET = {"artifactType": {"schemaTitle": "system.Dataset", "schemaVersion": "0.0.1"}}


def _spec(one):
    return {"parameterType": one} if isinstance(one, str) else one
