"""Every test with a server in this process checks the table of routes on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from trackside_server.protocol.handlers import RpcHandler
from trackside_server.protocol.message import Message
from trackside_server.store.leadership import Leadership


class _Declared(Message):
    """A message of which nothing can be read that its route does not declare."""

    def __init__(self, fields, where, known):
        super().__init__(fields, where)
        self.known = {field.name: field for field in known}

    def value(self, name):
        assert name in self.known, f"{self._where or 'The route'} does not declare {name!r}."
        return super().value(name)

    def messages(self, name):
        below = self.known[name].fields
        return [_Declared(item._fields, item._where, below) for item in super().messages(name)]

    def required_message(self, name):
        found = super().required_message(name)
        return _Declared(found._fields, found._where, self.known[name].fields)


@pytest.fixture(autouse=True)
def _only_declared_fields_are_read(monkeypatch):
    read = RpcHandler._message

    def checked(self, route):
        message = read(self, route)
        return _Declared(message._fields, message._where, route.takes)

    monkeypatch.setattr(RpcHandler, "_message", checked)


@pytest.fixture
def another_server_leads(trackside_config):
    """Keep the queue of jobs still: it would end the tokens that tests issue for no job."""
    root = Path(trackside_config["root_dir"])
    root.mkdir()
    leadership = Leadership(root)
    assert leadership.try_to_take()
    yield
    leadership.give_up()
