"""Reads messages, and remembers which fields were passed over and what is taken from inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside_server.pipelines.ir.fields import Message
from trackside_server.pipelines.ir.mistakes import mistake, under
from trackside_server.pipelines.ir.tasks import read_binding

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.fields import Fields
    from trackside_server.pipelines.ir.model import ParameterBinding


class Reader:
    """Makes messages.

    Attributes
    ----------
    unknown
        The places of fields that were passed over.
    bindings
        What is taken from elsewhere, each with its place.
    """

    def __init__(self) -> None:
        self.unknown: list[str] = []
        self.bindings: list[tuple[str, ParameterBinding]] = []

    def message(self, value: Any, place: str, fields: Fields) -> Message:
        """Read one message."""
        message = Message(value, place, fields)
        self.unknown += [under(place, key) for key in message.unknown]
        return message

    def child(self, message: Message, name: str, fields: Fields) -> Message:
        """Read the message in a field, an empty one where it is absent."""
        return self.message(message.found.get(name), message.at(name), fields)

    def messages(self, message: Message, name: str, fields: Fields) -> list[Message]:
        """Read a list of messages."""
        place = message.at(name)
        return [
            self.message(item, f"{place}[{index}]", fields)
            for index, item in enumerate(message.array(name))
        ]

    def texts(self, message: Message, name: str) -> dict[str, str]:
        """Read a mapping of texts."""
        found = message.mapping(name)
        for item, place in found.values():
            if not isinstance(item, str):
                raise mistake("WRONG_KIND", place, "It has to be a text.", "Put it in quotes.")
        return {key: item for key, (item, _) in found.items()}

    def binding(self, message: Message, name: str) -> ParameterBinding:
        """Read where the value of a field comes from."""
        return self.take(message.found[name], message.at(name))

    def take(self, value: Any, place: str) -> ParameterBinding:
        """Read where a value comes from."""
        found = read_binding(value, place)
        self.bindings.append((place, found))
        return found
