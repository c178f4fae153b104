"""Why an attempt cannot start or has failed, raised where it is noticed."""

from __future__ import annotations

from trackside_server.pipelines.machine.state import Reason


class ContractError(Exception):
    """What the pipeline declares and what is there do not fit.

    Parameters
    ----------
    code
        Stable, for programs.
    message
        A sentence, for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.reason = Reason(code, message)
