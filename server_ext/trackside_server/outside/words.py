"""How a server is called in sentences, and what they say is to be done."""

from __future__ import annotations

from msgspec import Struct


class Words(Struct, frozen=True):
    """The words about one kind of server.

    Attributes
    ----------
    server
        What it is: ``MLflow server``.
    address, token_file
        The settings that name it, and the file of its token.
    certificates
        What to look at when certificates cannot be read.
    authority
        What to do when its certificate is not believed.
    sign_in
        What to do when it leads to another place, as pages to sign in do.
    """

    server: str
    address: str
    token_file: str
    certificates: str
    authority: str
    sign_in: str
