"""Reads where a pod may run: taints that it bears, and what its node and neighbours have to be.

The compiler writes these in the words of KFP's schema; a value that a run passes has Kubernetes'
own. Both are read into the same terms here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.pipelines.ir.fields import Fields
from trackside_server.pipelines.ir.mistakes import mistake, shown

from .settings import NodeTerm, PodTerm, Requirement, Toleration

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.fields import Message

    from .reader import Reader

TOLERATION: Final = Fields(
    "key",
    "operator",
    "value",
    "effect",
    "toleration_seconds",
    "toleration_json",
    strict=False,
)
NODE_TERM: Final = Fields(
    "match_expressions", "match_fields", "weight", "node_affinity_json", strict=False
)
POD_TERM: Final = Fields(
    "match_pod_expressions",
    "match_pod_labels",
    "topology_key",
    "namespaces",
    "match_namespace_expressions",
    "match_namespace_labels",
    "weight",
    "anti",
    strict=False,
)
_REQUIREMENT: Final = Fields("key", "operator", "values", strict=False)
_REQUIRED: Final = "required_during_scheduling_ignored_during_execution"
_PREFERRED: Final = "preferred_during_scheduling_ignored_during_execution"
_AFFINITY: Final = Fields(_REQUIRED, _PREFERRED, strict=False)
_SELECTOR: Final = Fields("node_selector_terms", strict=False)
_PREFERENCE: Final = Fields("weight", "preference", strict=False)

_TOLERATES: Final = ("", "Equal", "Exists", "Lt", "Gt")
_EFFECTS: Final = ("", "NoSchedule", "PreferNoSchedule", "NoExecute")
_OF_NODES: Final = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
_OF_PODS: Final = _OF_NODES[:4]
_WITHOUT_VALUES: Final = ("Exists", "DoesNotExist")


def read_toleration(message: Message) -> Toleration:
    """Read a taint that the pod bears."""
    key = message.text("key")
    operator = _word(message, "operator", _TOLERATES)
    value = message.text("value")
    if not key and operator != "Exists":
        raise mistake(
            "MISSING", message.at("key"), "Without a key the operator has to be Exists.", _NAME_IT
        )
    if operator == "Exists" and value:
        raise mistake(
            "WRONG_KIND", message.at("value"), "With the operator Exists there is no value.", _DROP
        )
    seconds = message.integer("toleration_seconds") if "toleration_seconds" in message else None
    return Toleration(key, operator, value, _word(message, "effect", _EFFECTS), seconds)


def read_node_term(reader: Reader, message: Message) -> NodeTerm | None:
    """Read what a node has to be; a term that asks for nothing is none."""
    expressions = _requirements(reader, message, "match_expressions", _OF_NODES)
    fields = _requirements(reader, message, "match_fields", _OF_NODES)
    if not expressions and not fields:
        return None
    return NodeTerm(expressions, fields, _weight(message))


def read_node_affinity(reader: Reader, value: Any, place: str) -> list[NodeTerm]:
    """Read a node affinity as Kubernetes writes it."""
    message = reader.message(value, place, _AFFINITY)
    required = reader.message(message.found.get(_REQUIRED), message.at(_REQUIRED), _SELECTOR)
    terms = [read_node_term(reader, one) for one in _terms(reader, required)]
    for one in reader.messages(message, _PREFERRED, _PREFERENCE):
        weight = _weight(one)
        if weight is None:
            raise mistake("MISSING", one.at("weight"), "A preference needs a weight.", _WEIGHTS)
        at = one.at("preference")
        term = read_node_term(reader, reader.message(one.found.get("preference"), at, NODE_TERM))
        if term is not None:
            terms.append(NodeTerm(term.expressions, term.fields, weight))
    return [term for term in terms if term is not None]


def read_pod_term(reader: Reader, message: Message) -> PodTerm:
    """Read which pods it shall be beside, or away from."""
    topology = message.text("topology_key")
    if not topology:
        at = message.at("topology_key")
        hint = "Name a label of nodes, such as kubernetes.io/hostname."
        raise mistake("MISSING", at, "It is not said what beside means.", hint)
    return PodTerm(
        topology=topology,
        expressions=_requirements(reader, message, "match_pod_expressions", _OF_PODS),
        labels=reader.texts(message, "match_pod_labels"),
        namespaces=message.texts("namespaces"),
        namespace_expressions=_requirements(
            reader, message, "match_namespace_expressions", _OF_PODS
        ),
        namespace_labels=reader.texts(message, "match_namespace_labels"),
        weight=_weight(message),
        away=message.boolean("anti"),
    )


_NAME_IT: Final = "Name the key of the taint, or set the operator to Exists."
_DROP: Final = "Leave the value out, or set the operator to Equal."
_WEIGHTS: Final = "Give it one from 1 to 100."


def _terms(reader: Reader, message: Message) -> list[Message]:
    return reader.messages(message, "node_selector_terms", NODE_TERM)


def _requirements(
    reader: Reader, message: Message, name: str, operators: tuple[str, ...]
) -> tuple[Requirement, ...]:
    return tuple(
        _requirement(one, operators) for one in reader.messages(message, name, _REQUIREMENT)
    )


def _requirement(message: Message, operators: tuple[str, ...]) -> Requirement:
    key, operator, values = message.text("key"), message.text("operator"), message.texts("values")
    if not key:
        raise mistake("MISSING", message.at("key"), "The label that is asked for is not named.")
    if operator not in operators:
        raise _no_word(message, "operator", operators)
    if (operator in _WITHOUT_VALUES) == bool(values):
        told = "takes no values" if values else "needs values"
        raise mistake("WRONG_KIND", message.at("values"), f"The operator {operator} {told}.")
    if operator in ("Gt", "Lt") and len(values) != 1:
        raise mistake("WRONG_KIND", message.at("values"), f"{operator} takes one value.")
    return Requirement(key, operator, values)


def _weight(message: Message) -> int | None:
    if "weight" not in message:
        return None
    weight = message.integer("weight")
    if not 1 <= weight <= 100:
        raise mistake("WRONG_KIND", message.at("weight"), "A weight is from 1 to 100.", _WEIGHTS)
    return weight


def _word(message: Message, name: str, words: tuple[str, ...]) -> str:
    found = message.text(name)
    if found not in words:
        raise _no_word(message, name, words[1:])
    return found


def _no_word(message: Message, name: str, words: tuple[str, ...]) -> Exception:
    found = message.text(name)
    told = f"It has to be one of {', '.join(words)}, not {shown(found)}."
    return mistake("WRONG_KIND", message.at(name), told)
