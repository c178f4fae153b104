from __future__ import annotations


async def test_info_tells_the_version_and_where_to_track(trackside, trackside_fetch):
    answer = await trackside_fetch("GET", "api/v1/info")
    assert answer.status == 200
    assert answer.json["tracking_uri"] == trackside.url
    assert answer.json["store"]["path"] == trackside.root_dir


def test_a_real_server_answers_below_its_prefix(jupyter_process):
    server = jupyter_process()
    answer = server.request("GET", "trackside/api/v1/info")
    assert answer.json["url"] == server.trackside_url
    server.kill()
    assert server.restart(same_port=False).request("GET", "trackside/api/v1/info").status == 200
