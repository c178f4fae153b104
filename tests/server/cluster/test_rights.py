"""The Roles of ``deploy/`` hold what Trackside uses, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from trackside_server.cluster.permissions import PURPOSES, Right, role_lines

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"


def rights_of(rules):
    return {
        Right(verb, group, *path.split("/"))
        for rule in rules
        for group in rule["apiGroups"]
        for path in rule["resources"]
        for verb in rule["verbs"]
    }


@pytest.mark.parametrize(
    ("file", "wide"), [("namespace-role.yaml", False), ("capacity-clusterrole.yaml", True)]
)
def test_the_role_is_what_trackside_uses(file, wide) -> None:
    role = yaml.safe_load((DEPLOY / file).read_text())
    used = {right for item in PURPOSES if item.cluster_wide == wide for right in item.rights}
    assert rights_of(role["rules"]) == used
    assert role["kind"] == ("ClusterRole" if wide else "Role")


def test_secrets_are_written_and_never_read() -> None:
    verbs = {
        right.verb for item in PURPOSES for right in item.rights if right.resource == "secrets"
    }
    assert verbs == {"create", "patch", "delete"}


def test_the_lines_to_ask_for_are_rules_as_they_stand() -> None:
    rights = {
        Right("list", "", "pods"),
        Right("get", "", "pods"),
        Right("get", "", "pods", "log"),
        Right("get", "", "events"),
        Right("create", "batch", "jobs"),
    }
    lines = role_lines(rights)
    assert rights_of(yaml.safe_load(lines)) == rights
    assert lines == (
        '- apiGroups: [""]\n  resources: ["events", "pods/log"]\n  verbs: ["get"]\n'
        '- apiGroups: [""]\n  resources: ["pods"]\n  verbs: ["get", "list"]\n'
        '- apiGroups: ["batch"]\n  resources: ["jobs"]\n  verbs: ["create"]\n'
    )
