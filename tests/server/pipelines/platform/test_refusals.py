"""Settings that cannot be are refused with the pipeline, each with its place."""

from __future__ import annotations

import pytest
from tests.server.pipelines.compiled import load_json
from tests.server.pipelines.ir.documents import component, document, outer, output, task

from trackside_server.errors import InvalidInput

SECRET = {"secretName": "a"}


def load(settings, **more):
    platforms = {"kubernetes": {"deploymentSpec": {"executors": {"exec-say": settings}}}}
    spec = document(**more)
    return load_json({"pipeline_spec": spec, "platform_spec": {"platforms": platforms}})


@pytest.mark.parametrize(
    ("settings", "place", "sentence"),
    [
        ([], "", "It has to be a mapping, not a list."),
        ({"secretAsEnv": {}}, ".secretAsEnv", "It has to be a list, not a mapping."),
        (
            {"secretAsEnv": [{"keyToEnv": [{"secretKey": "a", "envVar": "A"}]}]},
            ".secretAsEnv[0]",
            "It is not said which Secret is meant.",
        ),
        (
            {"secretAsEnv": [{**SECRET, "keyToEnv": [{"secretKey": "a", "envVar": "A=B"}]}]},
            ".secretAsEnv[0].keyToEnv[0].envVar",
            '"A=B" cannot be set in an environment.',
        ),
        (
            {"configMapAsEnv": [{"configMapName": "a", "keyToEnv": [{"envVar": "A"}]}]},
            ".configMapAsEnv[0].keyToEnv[0].configMapKey",
            "The key of the ConfigMap is not named.",
        ),
        (
            {"secretAsVolume": [{**SECRET, "mountPath": "C:/etc"}]},
            ".secretAsVolume[0].mountPath",
            '"C:/etc" is no path to mount something at.',
        ),
        (
            {"secretAsVolume": [{"secretNameParameter": {"runtimeValue": {"constant": 3}}}]},
            ".secretAsVolume[0].secretNameParameter",
            "The name of the Secret has to be a text.",
        ),
        (
            {"pvcMount": [{"constant": "a", "mountPath": "/a", "subPath": "../b"}]},
            ".pvcMount[0].subPath",
            "It has to lie within the volume.",
        ),
        (
            {"pvcMount": [{"mountPath": "/a"}]},
            ".pvcMount[0]",
            "It is not said which volume is meant.",
        ),
        (
            {"emptyDirMounts": [{"volumeName": "A b", "mountPath": "/a"}]},
            ".emptyDirMounts[0].volumeName",
            '"A b" cannot name a volume.',
        ),
        (
            {"emptyDirMounts": [{"volumeName": "a", "mountPath": "/a", "sizeLimit": "big"}]},
            ".emptyDirMounts[0].sizeLimit",
            '"big" is no amount.',
        ),
        (
            {"genericEphemeralVolume": [{"volumeName": "a", "mountPath": "/a", "size": "1Gi"}]},
            ".genericEphemeralVolume[0].accessModes",
            "It is not said how it is mounted.",
        ),
        (
            {"nodeSelector": {"labels": {"a": 1}}},
            ".nodeSelector.labels.a",
            "It has to be a text.",
        ),
        (
            {"tolerations": [{"key": "a", "operator": "Is"}]},
            ".tolerations[0].operator",
            'It has to be one of Equal, Exists, Lt, Gt, not "Is".',
        ),
        (
            {"nodeAffinity": [{"matchExpressions": [{"key": "a", "operator": "In"}]}]},
            ".nodeAffinity[0].matchExpressions[0].values",
            "The operator In needs values.",
        ),
        (
            {"nodeAffinity": [{"matchFields": [{"key": "a", "operator": "Exists"}], "weight": 0}]},
            ".nodeAffinity[0].weight",
            "A weight is from 1 to 100.",
        ),
        (
            {"podAffinity": [{"matchPodLabels": {"a": "b"}}]},
            ".podAffinity[0].topologyKey",
            "It is not said what beside means.",
        ),
        (
            {"imagePullPolicy": "Sometimes"},
            ".imagePullPolicy",
            'It has to be one of Always, IfNotPresent, Never, not "Sometimes".',
        ),
        (
            {"activeDeadlineSeconds": "-1"},
            ".activeDeadlineSeconds",
            "It has to be a whole number from 0 on",
        ),
        (
            {"securityContext": {"runAsUser": "0", "runAsNonRoot": True}},
            ".securityContext.runAsUser",
            "The user 0 is root, and the task must not run as root.",
        ),
        (
            {"initContainers": [{"name": "a", "image": "b"}] * 2},
            ".initContainers[1].name",
            'Two init containers are called "a".',
        ),
        (
            {"initContainers": [{"name": "a", "image": "b", "restartPolicy": "Never"}]},
            ".initContainers[0].restartPolicy",
            'Only Always is possible, not "Never".',
        ),
        (
            {"tolerations": [{"tolerationJson": outer("nowhere")}]},
            ".tolerations[0].tolerationJson.componentInputParameter",
            '"root" has no input "nowhere".',
        ),
        (
            {"pvcMount": [{"mountPath": "/a", "pvcNameParameter": output("nobody", "name")}]},
            ".pvcMount[0].pvcNameParameter.taskOutputParameter",
            'There is no task "nobody" in this graph.',
        ),
        (
            {"secretAsVolume": [{"secretNameParameter": output("say", "name"), "mountPath": "/a"}]},
            ".secretAsVolume[0].secretNameParameter.taskOutputParameter",
            'The task "say" has no output "name".',
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(settings, place, sentence):
    with pytest.raises(InvalidInput) as raised:
        load(settings)
    root = "platforms.kubernetes.deploymentSpec.executors.exec-say"
    assert raised.value.message.startswith(f"{root}{place}: {sentence}")


def test_what_settings_take_comes_from_the_graph_around_the_task():
    inside = component(dag={"tasks": {"say": task("comp-say")}}, takes={"name": "STRING"})
    settings = {"imagePullSecret": [{"secretNameParameter": outer("name")}]}
    around = {
        "tasks": {"inside": task("comp-inside", {"name": {"runtimeValue": {"constant": "a"}}})},
        "components": {"comp-inside": inside},
    }
    assert load(settings, **around).kubernetes["exec-say"].pull_secrets
    with pytest.raises(InvalidInput, match='"comp-inside" has no input "other"'):
        load({"imagePullSecret": [{"secretNameParameter": outer("other")}]}, **around)


def test_fields_that_are_not_known_are_passed_over_and_remembered():
    settings = load({"hostAliases": [], "tolerations": [{"key": "a", "of": 1}]})
    root = "platforms.kubernetes.deploymentSpec.executors.exec-say"
    assert settings.kubernetes["exec-say"].unknown == (
        f"{root}.hostAliases",
        f"{root}.tolerations[0].of",
    )
