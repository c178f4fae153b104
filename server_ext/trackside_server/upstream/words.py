"""How the MLflow server is called, and what sentences say is to be done."""

from __future__ import annotations

from typing import Final

from trackside_server.outside.words import Words

WORDS: Final = Words(
    server="MLflow server",
    address="Trackside.tracking_uri",
    token_file="Trackside.tracking_token_file",  # noqa: S106 - the name of a setting
    certificates="Look at Trackside.tracking_ca_file and MLFLOW_TRACKING_CLIENT_CERT_PATH.",
    authority="Set Trackside.tracking_ca_file to the authority that signed its certificate.",
    sign_in="Sign-in pages do that; set the credentials, or the address behind it.",
)
