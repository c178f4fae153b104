"""The settings that name a server of Kubeflow Pipelines, and what is made of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from traitlets import Unicode
from traitlets.config import Configurable

from trackside_server.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .service import Remote

# What must not be inherited by kernels and jobs: it proves to the server who asks.
_SECRETS: Final = ("TRACKSIDE_KFP_TOKEN", "TRACKSIDE_KFP_COOKIE")
_TOKEN_PATH: Final = "KF_PIPELINES_SA_TOKEN_PATH"  # noqa: S105 - the name of a variable
_MOUNTED: Final = Path("/var/run/secrets/kubeflow/pipelines/token")


class KfpSettings(Configurable):
    """The part of the extension's settings about a server of Kubeflow Pipelines."""

    kfp_host = Unicode(
        "",
        help="""The address of a Kubeflow Pipelines server, as `kfp.Client(host=...)` takes it, such
        as `https://kubeflow.example.org/pipeline`; another Trackside server is one, too.

        Empty (the default) means none: nothing is looked for, and nothing is sent anywhere. The
        panel then shows the pipelines there beside those here.""",
    ).tag(config=True)

    kfp_token = Unicode(
        "",
        help="""A bearer token for the KFP server.

        Better in a file, `kfp_token_file`, or in the variable TRACKSIDE_KFP_TOKEN, which kernels
        and jobs do not inherit.""",
    ).tag(config=True)

    kfp_token_file = Unicode(
        "",
        help="""A file with the bearer token for the KFP server.

        It is read again within seconds when it changes, and at once when the server refuses the
        token.""",
    ).tag(config=True)

    kfp_token_path = Unicode(
        "",
        help="""The token of a Kubernetes service account for the KFP server, where no other one is
        set.

        Empty (the default) means KF_PIPELINES_SA_TOKEN_PATH, else
        `/var/run/secrets/kubeflow/pipelines/token` where there is one and no cookie is set. It is
        read again as it rotates.""",
    ).tag(config=True)

    kfp_cookie = Unicode(
        "",
        help="""The cookie of a session at the KFP server, such as `authservice_session=...` or
        `oauth2_proxy_kubeflow=...`, where Dex or a proxy guards it.

        Better in a file, `kfp_cookie_file`, or in the variable TRACKSIDE_KFP_COOKIE, which kernels
        and jobs do not inherit.""",
    ).tag(config=True)

    kfp_cookie_file = Unicode(
        "",
        help="""A file with the cookie of a session at the KFP server, in one line.

        It is read again within seconds when it changes.""",
    ).tag(config=True)

    kfp_namespace = Unicode(
        "",
        help="""The namespace of your profile at the KFP server, where it has several users.

        Empty (the default) means a server with one user. Logs are read from the pods of this
        namespace, or of `kubeflow` where it is empty.""",
    ).tag(config=True)

    kfp_ui = Unicode(
        "",
        help="""Where a browser finds the pages of the KFP server, such as
        `https://kubeflow.example.org/_/pipeline`.

        Empty (the default) means `kfp_host`, unless that can be reached inside a cluster only.""",
    ).tag(config=True)

    kfp_ca_file = Unicode(
        "",
        help="""A file with the certificates of the authorities that vouch for the KFP server.

        Empty (the default) means those of the system.""",
    ).tag(config=True)

    def kfp_server(self, environment: Mapping[str, str] = os.environ) -> Remote | None:
        """Make what asks the KFP server; None when none is set.

        Raises
        ------
        TracksideError
            The settings contradict each other or lack something.
        """
        if not self.kfp_host.strip():
            return None
        # Loaded by those servers only that have one.
        from trackside_server.outside.address import Address
        from trackside_server.outside.client import Trust
        from trackside_server.outside.credentials import Credentials, bare

        from .client import WORDS, KfpClient
        from .links import Links, ui_of
        from .service import Remote

        address, user, _ = Address.parse(
            self.kfp_host, "a Kubeflow Pipelines server", "https://kubeflow.example.org/pipeline"
        )
        if user:
            raise InvalidInput(
                "Trackside.kfp_host holds a user name.",
                hint="Set Trackside.kfp_token_file or Trackside.kfp_cookie_file instead.",
            )
        cookie = (self.kfp_cookie or environment.get("TRACKSIDE_KFP_COOKIE", "")).strip()
        cookie_file = Path(self.kfp_cookie_file).expanduser() if self.kfp_cookie_file else None
        token = (self.kfp_token or environment.get("TRACKSIDE_KFP_TOKEN", "")).strip()
        credentials = Credentials(
            WORDS,
            f"Bearer {bare(token, WORDS)}" if token else None,
            None
            if token
            else self._token_file(environment, has_cookie=bool(cookie or cookie_file)),
            {"Cookie": bare(cookie, WORDS, "cookie")} if cookie else {},
            None if cookie else cookie_file,
        )
        ui = self.kfp_ui.strip() or ui_of(address)
        if ui and not ui.startswith(("http://", "https://")):
            raise InvalidInput(
                "Trackside.kfp_ui is no address of pages.",
                hint="Write it as https://kubeflow.example.org/_/pipeline.",
            )
        client = KfpClient(address, credentials, trust=Trust(self.kfp_ca_file))
        return Remote(client, Links(ui.rstrip("/")), self.kfp_namespace.strip())

    def _token_file(self, environment: Mapping[str, str], *, has_cookie: bool) -> Path | None:
        named = self.kfp_token_file or self.kfp_token_path
        if not named and not has_cookie:
            named = environment.get(_TOKEN_PATH, "") or (str(_MOUNTED) if _MOUNTED.exists() else "")
        return Path(named).expanduser() if named else None


def hide_kfp_credentials() -> dict[str, str]:
    """Take what proves to the KFP server who asks out of what kernels and jobs inherit.

    Returns
    -------
    dict
        What was taken, to be put back.
    """
    found = {name: os.environ.pop(name, None) for name in _SECRETS}
    return {name: value for name, value in found.items() if value is not None}
