"""Reads messages whose unknown fields are passed over, and remembers which these were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside_server.pipelines.ir.fields import Message
from trackside_server.pipelines.ir.mistakes import mistake, under

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.fields import Fields


class Reader:
    """Makes messages.

    Attributes
    ----------
    unknown
        The places of fields that were passed over.
    """

    def __init__(self) -> None:
        self.unknown: list[str] = []

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
