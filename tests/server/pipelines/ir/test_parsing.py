"""A compiled pipeline is read into one form, whatever way of saying it its writer chose."""

from __future__ import annotations

import json

import pytest
import yaml
from tests.server.pipelines.compiled import load_json
from tests.server.pipelines.ir.documents import (
    DATASET,
    artifact_of,
    component,
    constant,
    container,
    document,
    outer,
    output,
    task,
)

from trackside_server.pipelines.ir.model import (
    ArtifactLoop,
    ArtifactType,
    ComponentInput,
    Constant,
    Demand,
    FinalStatus,
    Importer,
    ParameterBinding,
    ParameterLoop,
    Retry,
    TaskOutput,
)
from trackside_server.pipelines.ir.parsing import load
from trackside_server.pipelines.platform.settings import Settings, Workspace


def test_the_smallest_pipeline_is_one_task():
    pipeline = load_json(document())

    say = pipeline.root.dag.tasks["say"]
    assert (pipeline.name, pipeline.sdk_version) == ("hello", "kfp-2.17.0")
    assert (say.component, say.display_name, say.cached, say.retry) == (
        "comp-say",
        "say",
        False,
        None,
    )
    assert pipeline.executors["exec-say"].command == ("echo", "hello")
    assert pipeline.document["pipelineInfo"] == {"name": "hello"}


def test_an_integer_stays_one_where_the_compiler_wrote_a_fraction():
    takes = {
        "n": {"parameterType": "NUMBER_INTEGER", "defaultValue": 3.0},
        "rate": {"parameterType": "NUMBER_DOUBLE", "defaultValue": 3.0},
        "sizes": {"parameterType": "LIST", "defaultValue": [1.0, 2.5, {"k": 7.0}]},
    }
    given = {"n": constant(4.0), "rate": constant(4), "sizes": constant([8.0])}

    pipeline = load_json(document({"t": task("comp-n", given)}, {"comp-n": component(takes=takes)}))

    inputs = pipeline.components["comp-n"].input_parameters
    assert repr([inputs[n].default for n in takes]) == "[3, 3.0, [1, 2.5, {'k': 7}]]"
    bindings = pipeline.root.dag.tasks["t"].parameters
    assert repr([bindings[n].source.value for n in takes]) == "[4, 4.0, [8]]"


def test_every_way_of_giving_an_input_is_read():
    tasks = {
        "make": task("comp-make"),
        "use": task(
            "comp-use",
            {
                "a": constant("{{$.pipeline_job_name}}"),
                "b": outer("who"),
                "c": output("make"),
                "d": {
                    **outer("who"),
                    "parameterExpressionSelector": 'parseJson(string_value)["k"]',
                },
                "e": {"taskFinalStatus": {"producerTask": "make"}},
            },
            {"data": artifact_of("make"), "model": {"componentInputArtifact": "start"}},
            dependentTasks=["make"],
        ),
    }
    takes = {**dict.fromkeys("abcd", "STRING"), "e": "TASK_FINAL_STATUS"}
    components = {
        "comp-make": component(gives={"Output": "LIST"}, gives_artifacts={"data": DATASET}),
        "comp-use": component(takes=takes, takes_artifacts={"data": DATASET, "model": DATASET}),
    }

    pipeline = load_json(
        document(
            tasks,
            components,
            inputs={"who": {"parameterType": "STRING"}},
            artifacts={"start": {**DATASET, "isOptional": True}},
        )
    )

    use = pipeline.root.dag.tasks["use"]
    assert use.parameters == {
        "a": ParameterBinding(Constant("{{$.pipeline_job_name}}")),
        "b": ParameterBinding(ComponentInput("who")),
        "c": ParameterBinding(TaskOutput("make", "Output")),
        "d": ParameterBinding(ComponentInput("who"), 'parseJson(string_value)["k"]'),
        "e": ParameterBinding(FinalStatus("make")),
    }
    assert use.artifacts == {"data": TaskOutput("make", "data"), "model": ComponentInput("start")}
    assert use.upstream == ("make",)


def test_loops_conditions_retries_and_policies_are_read():
    items = {"items": {"raw": '[1, 2.0, "x"]'}, "itemInput": "x"}
    every = {"items": {"inputArtifact": "all"}, "itemInput": "one"}
    tasks = {
        "make": task("comp-make"),
        "loop": task(
            "comp-text",
            triggerPolicy={"condition": "true", "strategy": "ALL_UPSTREAM_TASKS_COMPLETED"},
            parameterIterator=items,
            iteratorPolicy={"parallelismLimit": 2},
            cachingOptions={"enableCache": True, "cacheKey": "mine"},
        ),
        "each": task("comp-each", artifacts={"all": artifact_of("make")}, artifactIterator=every),
        "again": task(
            "comp-say",
            retryPolicy={
                "maxRetryCount": "3",
                "backoffDuration": "1.5s",
                "backoffFactor": 3,
                "backoffMaxDuration": "60s",
            },
        ),
        "twice": task("comp-say", retryPolicy={"maxRetryCount": 2}),
    }
    components = {
        "comp-text": component(takes={"x": "STRING"}),
        "comp-make": component(gives_artifacts={"data": {**DATASET, "isArtifactList": True}}),
        "comp-each": component(
            takes_artifacts={"all": {**DATASET, "isArtifactList": True}, "one": DATASET}
        ),
    }

    found = load_json(document(tasks, components)).root.dag.tasks

    assert found["loop"].loop == ParameterLoop(Constant(["1", "2", "x"]), "x")
    assert (found["loop"].condition, found["loop"].even_after_failure) == ("true", True)
    assert (found["loop"].parallelism, found["loop"].cached, found["loop"].cache_key) == (
        2,
        True,
        "mine",
    )
    assert found["each"].loop == ArtifactLoop("all", "one")
    assert found["again"].retry == Retry(3, 1.5, 3.0, 60.0)
    assert found["twice"].retry == Retry(2, 0.0, 2.0, 3600.0)


def test_retries_of_a_graph_are_those_of_the_tasks_in_it():
    inner = {"a": task("comp-say"), "b": task("comp-say", retryPolicy={"maxRetryCount": 1})}
    components = {
        "comp-outer": component(dag={"tasks": {"deep": task("comp-inner")}}),
        "comp-inner": component(dag={"tasks": inner}),
    }
    tasks = {"all": task("comp-outer", retryPolicy={"maxRetryCount": 3}), "one": task("comp-say")}

    pipeline = load_json(document(tasks, components))

    found = pipeline.components["comp-inner"].dag.tasks
    assert (found["a"].retry, found["b"].retry) == (Retry(3), Retry(1))
    assert pipeline.components["comp-outer"].dag.tasks["deep"].retry == Retry(3)
    assert pipeline.root.dag.tasks["one"].retry is None


def test_outputs_of_graphs_name_the_places_they_may_come_from():
    branches = {
        "valueFromOneof": {
            "parameterSelectors": [
                {"producerSubtask": "a", "outputParameterKey": "Output"},
                {"producerSubtask": "b", "outputParameterKey": "Output"},
            ]
        }
    }
    single = {"valueFromParameter": {"producerSubtask": "a", "outputParameterKey": "Output"}}

    pipeline = load_json(
        document(
            {"a": task("comp-make"), "b": task("comp-make")},
            {"comp-make": component(gives={"Output": "STRING"})},
            outputs={"parameters": {"either": branches, "first": single}},
            gives={"either": {"parameterType": "STRING"}, "first": {"parameterType": "STRING"}},
        )
    )

    assert pipeline.root.dag.parameters == {
        "either": (TaskOutput("a", "Output"), TaskOutput("b", "Output")),
        "first": (TaskOutput("a", "Output"),),
    }


def test_what_older_sdks_wrote_is_read_as_what_took_its_place():
    old = component(takes={"n": {"type": "INT", "defaultValue": "1000"}, "s": {"type": 3}})
    tasks = {
        "t": task(
            "comp-old",
            {
                "n": {"runtimeValue": {"constantValue": {"intValue": "-7"}}},
                "s": {"runtimeValue": {"runtimeParameter": "who"}},
            },
        ),
        "get": task("comp-get"),
    }
    executors = {
        "exec-old": container(
            resources={
                "cpuLimit": 2.0,
                "memoryLimit": 0.5,
                "accelerator": {"type": "nvidia.com/gpu", "count": "1"},
            }
        ),
        "exec-get": {
            "importer": {
                "artifactUri": {"constantValue": {"stringValue": "s3://b/k"}},
                "typeSchema": {"schemaTitle": "system.Model"},
                "properties": {"lr": {"constantValue": {"doubleValue": 0.5}}},
                "customProperties": {"by": {"runtimeParameter": "who"}},
                "metadata": {"lr": 0.7},
            }
        },
    }
    old["executorLabel"] = "exec-old"

    pipeline = load_json(
        document(
            tasks,
            {"comp-old": old, "comp-get": component("exec-get")},
            executors,
            inputs={"who": {"parameterType": "STRING"}},
        )
    )

    parameters = pipeline.root.dag.tasks["t"].parameters
    assert parameters["n"] == ParameterBinding(Constant(-7))
    assert repr(pipeline.components["comp-old"].input_parameters["n"].default) == "1000"
    assert parameters["s"] == ParameterBinding(ComponentInput("who"))
    assert pipeline.executors["exec-old"].demand == Demand(
        cpu_limit="2", memory_limit="0.5G", accelerator="nvidia.com/gpu", accelerators="1"
    )
    assert pipeline.executors["exec-get"] == Importer(
        Constant("s3://b/k"),
        ArtifactType("system.Model"),
        {"lr": 0.7, "by": "{{$.inputs.parameters['who']}}"},
    )


def test_the_second_document_holds_the_settings_of_the_cluster():
    platforms = {
        "platforms": {
            "kubernetes": {
                "deploymentSpec": {"executors": {"exec-say": {"activeDeadlineSeconds": "60"}}},
                "pipelineConfig": {"workspace": {"size": "1Gi"}},
            }
        }
    }
    text = yaml.safe_dump_all([document(), platforms])

    pipeline = load(text.encode())

    assert pipeline.kubernetes == {"exec-say": Settings(time_limit=60)}
    assert pipeline.workspace == Workspace("1Gi")
    assert pipeline.platforms == platforms
    wrapped = load_json({"pipeline_spec": document(), "platform_spec": platforms})
    assert wrapped == pipeline


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump])
def test_names_of_fields_are_camel_case_or_snake_case(write):
    spec = document(
        {"t": {"component_ref": {"name": "comp-say"}, "caching_options": {"enable_cache": True}}}
    )
    spec["pipeline_info"] = spec.pop("pipelineInfo")
    spec["schema_version"] = spec.pop("schemaVersion")

    pipeline = load(write(spec).encode())

    assert pipeline.root.dag.tasks["t"].cached
