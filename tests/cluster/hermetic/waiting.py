"""Waiting for conditions, and the ports on which they are waited for."""

from __future__ import annotations

import http.client
import random
import socket
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def until(condition: Callable[[], Found], what: str, deadline: float = 200) -> Found:
    """Wait until a condition holds, and return what it gave.

    Parameters
    ----------
    condition
        Asked again and again; true when it holds.
    what
        What is waited for, for the message.
    deadline
        Seconds after which it is given up: far more than it takes on a machine that is busy.

    Raises
    ------
    TimeoutError
        It did not come to hold.
    """
    end = time.monotonic() + deadline
    while not (found := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"Waited for {deadline:g} s, in vain: {what}")
        time.sleep(0.05)
    return found


def is_healthy(port: int, path: str) -> bool:
    """Tell whether a process that listens on a port says that it is well."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def free_ports(count: int) -> list[int]:
    """Return ports that stay free while nobody listens on them.

    They lie below those that the kernel gives to connections, so that an API server finds its
    port again after it was away.
    """
    ports: list[int] = []
    for port in random.sample(range(20000, 32000), 2000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        ports.append(port)
        if len(ports) == count:
            return ports
    raise OSError("There are no free ports on this machine.")
