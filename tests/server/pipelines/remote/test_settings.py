"""What proves to a KFP server who asks comes from where it was put, and goes nowhere else."""

from __future__ import annotations

import os

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.pipelines.remote import settings
from trackside_server.pipelines.remote.settings import KfpSettings, hide_kfp_credentials

HOST = "https://kubeflow.example.org/pipeline/"


async def _headers(environment=None, **traits):
    remote = KfpSettings(kfp_host=HOST, **traits).kfp_server(environment or {})
    return await remote.client.credentials.headers()


async def test_tokens_and_cookies_come_from_settings_files_variables_and_mounts(
    tmp_path, monkeypatch
):
    mounted, named, cookie = (tmp_path / name for name in ("mounted", "named", "cookie"))
    mounted.write_text("of the pod\n".replace(" ", "-"))
    named.write_text("named")
    cookie.write_text("authservice_session=a; b=c\n")
    assert await _headers() == {}
    monkeypatch.setattr(settings, "_MOUNTED", mounted)
    assert await _headers() == {"Authorization": "Bearer of-the-pod"}
    variables = {"KF_PIPELINES_SA_TOKEN_PATH": str(named)}
    assert await _headers(variables) == {"Authorization": "Bearer named"}
    # A cookie is for servers that take no token of a pod.
    assert await _headers(variables, kfp_cookie_file=str(cookie)) == {
        "Cookie": "authservice_session=a; b=c"
    }
    assert await _headers({"TRACKSIDE_KFP_COOKIE": "x=y"}) == {"Cookie": "x=y"}
    assert await _headers({"TRACKSIDE_KFP_TOKEN": "t"}, kfp_token_file=str(named)) == {
        "Authorization": "Bearer t"
    }
    both = await _headers(kfp_token="s", kfp_cookie="x=y")
    assert both == {"Authorization": "Bearer s", "Cookie": "x=y"}
    named.write_text("two\nlines")
    for wrong in ({"kfp_token": "a b"}, {"kfp_cookie": "a\nb"}, {"kfp_token_file": str(named)}):
        with pytest.raises(Exception, match="no header may carry"):
            await _headers(**wrong)


def test_secrets_are_not_inherited_and_put_back(monkeypatch):
    monkeypatch.setenv("TRACKSIDE_KFP_TOKEN", "secret")
    assert hide_kfp_credentials() == {"TRACKSIDE_KFP_TOKEN": "secret"}
    assert "TRACKSIDE_KFP_TOKEN" not in os.environ
    assert "secret" not in repr(
        KfpSettings(kfp_host=HOST, kfp_token="secret").kfp_server({}).client
    )


def test_pages_are_where_the_api_is_unless_only_pods_reach_it():
    def ui(host, **traits):
        return KfpSettings(kfp_host=host, **traits).kfp_server({}).links.ui

    assert ui(HOST) == "https://kubeflow.example.org/pipeline"
    assert ui("http://ml-pipeline.kubeflow:8888") == ""
    assert ui("http://kfp.team.svc.cluster.local") == ""
    assert ui("http://ml-pipeline:8888", kfp_ui="https://k.org/_/p/") == "https://k.org/_/p"


@pytest.mark.parametrize(
    "traits",
    [
        {"kfp_host": "kubeflow.example.org"},
        {"kfp_host": "https://me:secret@kubeflow.example.org"},
        {"kfp_host": "https://kubeflow.example.org?x=1"},
        {"kfp_host": HOST, "kfp_ui": "javascript:alert(1)"},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(traits):
    with pytest.raises(InvalidInput) as refused:
        KfpSettings(**traits).kfp_server({})
    assert "secret" not in refused.value.message


def test_without_an_address_there_is_no_server():
    assert KfpSettings(kfp_token="t").kfp_server({}) is None
