"""Placeholders: ``{{$.inputs.parameters['lr']}}`` and what else KFP's compiler writes.

Each text is looked through once, from left to right. What is put in is never looked at again, so a
value that looks like a placeholder stays the text that it is.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from trackside_server.pipelines.ir.values import text_of

from .reasons import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.ir.model import Value

_PLACEHOLDER: Final = re.compile(r"\{\{\$(?P<path>[^{}]*)\}\}")
_NAME: Final = r"\[(?P<quote>['\"])(?P<name>[^'\"]+)(?P=quote)\]"
_KEY: Final = r"\[(?P<quote2>['\"])(?P<key>[^'\"]+)(?P=quote2)\]"
_INPUT: Final = re.compile(rf"\.inputs\.parameters{_NAME}")
_OUTPUT_FILE: Final = re.compile(rf"\.outputs\.parameters{_NAME}\.output_file")
_ARTIFACT: Final = re.compile(
    rf"\.(?P<side>inputs|outputs)\.artifacts{_NAME}(?:\.(?P<field>path|uri|name|metadata(?:{_KEY})?))?"
)
_STRUCTS: Final = frozenset(("IfPresent", "Concat"))
_MAX_DEPTH: Final = 50


class Scope:
    """What the placeholders of one task stand for.

    Parameters
    ----------
    executor_input
        What the task is told (`inputs.build`).
    words
        What the names of run, task and folders stand for, such as ``pipeline_job_name``.
    declared
        The names of all inputs of the component; one that was left out is an empty text.
    """

    def __init__(
        self,
        executor_input: Mapping[str, Any],
        words: Mapping[str, str],
        declared: frozenset[str] = frozenset(),
    ) -> None:
        self._given = executor_input
        self._words = words
        self._declared = declared

    def fill(self, value: Value) -> Value:
        """Fill in a text, or all texts in a list or dictionary.

        Raises
        ------
        ContractError
            A placeholder names what the task does not have.
        """
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.fill(item) for item in value]
        return value

    def text(self, text: str) -> str:
        """Fill in a text; what is no placeholder of KFP's stays as it is.

        Raises
        ------
        ContractError
            A placeholder names what the task does not have.
        """
        return _PLACEHOLDER.sub(self._found, text)

    def words(self, element: Value) -> list[str]:
        """Fill in one element of a command line: ``IfPresent`` may give several words, or none.

        Raises
        ------
        ContractError
            It is not what the compiler writes.
        """
        return self._words_of(_struct(element), 0)

    def _words_of(self, element: Value, depth: int) -> list[str]:
        if depth > _MAX_DEPTH:
            raise _damaged(element)
        if isinstance(element, str):
            return [self.text(element)]
        if isinstance(element, list):
            return [word for item in element for word in self._words_of(item, depth + 1)]
        if not isinstance(element, dict) or len(element) != 1:
            raise _damaged(element)
        ((kind, inner),) = element.items()
        if kind == "Concat" and isinstance(inner, list):
            return ["".join(self._words_of(inner, depth + 1))]
        if kind == "IfPresent" and isinstance(inner, dict) and "Then" in inner:
            present = self._is_present(str(inner.get("InputName", "")))
            branch = inner["Then"] if present else inner.get("Else", [])
            return self._words_of([] if branch is None else branch, depth + 1)
        raise _damaged(element)

    def _is_present(self, name: str) -> bool:
        inputs = self._given["inputs"]
        return name in inputs["parameterValues"] or name in inputs["artifacts"]

    def _found(self, found: re.Match[str]) -> str:
        path = found["path"]
        if path == "":
            return json.dumps(self._given, ensure_ascii=False)
        if path == ".outputs.output_file":
            return str(self._given["outputs"]["outputFile"])
        if match := _INPUT.fullmatch(path):
            return self._parameter(match["name"], found[0])
        if match := _OUTPUT_FILE.fullmatch(path):
            return str(self._of(self._given["outputs"]["parameters"], match, found)["outputFile"])
        if match := _ARTIFACT.fullmatch(path):
            return self._artifact(match, found)
        word = self._words.get(path.removeprefix("."))
        return found[0] if word is None else word

    def _parameter(self, name: str, placeholder: str) -> str:
        parameters = self._given["inputs"]["parameterValues"]
        if name in parameters:
            return text_of(parameters[name])
        if name in self._declared:
            return ""
        raise _unknown(placeholder)

    def _artifact(self, match: re.Match[str], found: re.Match[str]) -> str:
        artifacts = self._given[match["side"]]["artifacts"]
        if match["name"] in self._declared and match["name"] not in artifacts:
            return ""
        listed = self._of(artifacts, match, found)["artifacts"]
        field = match["field"]
        if field is None:
            return json.dumps(listed, ensure_ascii=False)
        if not listed:
            return ""
        if field in ("path", "uri"):
            return str(listed[0]["uri"])
        if field == "name":
            return str(listed[0]["name"])
        metadata = listed[0]["metadata"]
        if match["key"] is None:
            return text_of(metadata)
        value = metadata.get(match["key"])
        return "" if value is None else text_of(value)

    def _of(self, named: Mapping[str, Any], match: re.Match[str], found: re.Match[str]) -> Any:
        if match["name"] not in named:
            raise _unknown(found[0])
        return named[match["name"]]


def _struct(element: Value) -> Value:
    """Return what the compiler has written as the JSON of a struct; other texts are words."""
    if not isinstance(element, str) or not element.lstrip().startswith("{"):
        return element
    try:
        found = json.loads(element)
    except (ValueError, RecursionError):
        return element
    is_struct = isinstance(found, dict) and len(found) == 1 and not _STRUCTS.isdisjoint(found)
    return found if is_struct else element


def _unknown(placeholder: str) -> ContractError:
    return ContractError(
        "BAD_PLACEHOLDER", f"{placeholder[:200]} names something that the task does not have."
    )


def _damaged(element: Value) -> ContractError:
    return ContractError(
        "BAD_PLACEHOLDER",
        f"The command has a placeholder that cannot be read: {json.dumps(element)[:200]}.",
    )
