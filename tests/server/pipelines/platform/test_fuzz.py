"""Whatever settings say, and whatever values they are given, it is a pod or a refusal."""

from __future__ import annotations

import copy
import json
from functools import cache

import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.server.pipelines.compiled import SAMPLES, compiled
from tests.server.pipelines.ir.test_fuzz import FUZZ, VALUES, mutated, told

from trackside_server.jobs.podparts import PodParts
from trackside_server.pipelines.executor.reasons import ContractError
from trackside_server.pipelines.platform.applying import pod_parts
from trackside_server.pipelines.platform.parsing import read_settings
from trackside_server.pipelines.platform.resolving import resolve
from trackside_server.structs import asdict

MORE = {
    "enabledSharedMemory": {"size": "2Gi"},
    "podAffinity": [
        {
            "matchPodExpressions": [{"key": "app", "operator": "In", "values": ["db"]}],
            "topologyKey": "zone",
            "matchNamespaceLabels": {"of": "b"},
            "weight": 7,
        }
    ],
    "initContainers": [
        {
            "name": "first",
            "image": "busybox",
            "env": [{"name": "MODE", "value": "fast"}],
            "volumeMounts": [{"volumeName": "scratch", "mountPath": "/data"}],
            "resources": {"requests": {"cpu": "100m"}},
        }
    ],
}


@cache
def everything(*names):
    """All settings of some samples, as of one executor."""
    found = copy.deepcopy(MORE)
    samples = compiled(SAMPLES / "settings.py")
    for name in names:
        for document in yaml.safe_load_all(samples[name]):
            platforms = document.get("platforms", {}).get("kubernetes", {})
            executors = platforms.get("deploymentSpec", {}).get("executors", {})
            for settings in executors.values():
                for key, value in settings.items():
                    if isinstance(value, list):
                        found.setdefault(key, []).extend(value)
                    else:
                        found.setdefault(key, value)
    return found


def made(document, ask):
    """What becomes of settings; None where the values do not fit."""
    try:
        return pod_parts(resolve(read_settings(document, "place"), ask))
    except ContractError:
        return None


def test_the_documents_that_are_changed_are_good_ones():
    assert len(everything("fixed")) > 15
    assert made(everything("fixed"), lambda _: None) is not None
    assert read_settings(everything("passed"), "").bindings


@FUZZ
@given(st.data())
def test_changed_settings_are_a_pod_or_refused(data):
    document = mutated(data, copy.deepcopy(everything("fixed")))
    # It travels to the cluster as JSON.
    error = told(lambda: json.dumps(asdict(made(document, lambda _: "name") or PodParts())))
    if error is not None:
        assert error.message.startswith("place")
        assert error.message.endswith(".")
        assert len(error.message) < 2000


@FUZZ
@given(st.data())
def test_any_value_is_taken_or_is_the_reason_of_a_failure(data):
    made(everything("passed"), lambda _: data.draw(VALUES))
