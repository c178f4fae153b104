"""What the cluster keeps is looked for until it is known."""

from __future__ import annotations

import logging
import sqlite3

import pytest
from tests.server.jobs.conftest import until

from trackside_server.recurring import checking
from trackside_server.recurring.checking import Checking


@pytest.fixture
def answers():
    """What comes of one look after the other."""
    return [sqlite3.OperationalError("disk I/O error"), False, True]


async def test_a_look_that_fails_or_learns_nothing_is_repeated_until_one_does(
    answers, monkeypatch, caplog
):
    monkeypatch.setattr(checking, "_TRY_AGAIN", 0.01)

    async def look():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    looks = Checking(look, lambda: True, logging.getLogger("trackside"))
    looks.start()
    try:
        await until(lambda: not answers)
        assert "cannot be looked for" in caplog.text
        # Once it is known, something has to happen first.
        answers.append(True)
        looks.poke()
        await until(lambda: not answers)
    finally:
        await looks.stop()
