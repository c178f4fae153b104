"""Telling the user something without ever getting in the way."""

from __future__ import annotations

import threading

MAX_TOPICS = 200

_said: set[str] = set()
_lock = threading.Lock()


def say_once(topic: str, message: str) -> None:
    """Write a warning the first time that a topic comes up in this process. Never raises.

    Parameters
    ----------
    topic
        What it is about; each is mentioned once.
    message
        One or two sentences.
    """
    with _lock:
        if topic in _said or len(_said) >= MAX_TOPICS:
            return
        _said.add(topic)
    try:
        # Not the module `warnings`: filters may turn a warning into an exception in training.
        import logging

        logging.getLogger("trackside").warning("%s", message)
    except Exception:  # noqa: BLE001, S110 - a broken stderr is no reason to stop a training
        pass


def forget() -> None:
    """Let everything be said again: this is a new process."""
    global _lock
    _lock = threading.Lock()
    _said.clear()
