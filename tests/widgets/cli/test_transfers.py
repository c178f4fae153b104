"""Import and export, as a user types them."""

from __future__ import annotations

import json

RUN = "e" * 32


def _folder(root):
    run = root / "4" / RUN
    for name in ("metrics", "params", "tags", "artifacts"):
        (run / name).mkdir(parents=True)
    (root / "4" / "meta.yaml").write_text(
        "experiment_id: '4'\nname: typed\nlifecycle_stage: active\ncreation_time: 1\n"
    )
    (run / "meta.yaml").write_text(
        f"run_id: {RUN}\nrun_name: old\nstatus: 3\nstart_time: 5\nlifecycle_stage: active\n"
    )
    (run / "metrics" / "loss").write_text("5 0.5 0\n6 0.25 1\n")
    (run / "artifacts" / "x.txt").write_text("hello")
    return root


def test_what_came_by_import_goes_out_by_export(trackside_cli, server, tmp_path):
    _folder(server.notebooks / "mlruns")
    look = trackside_cli("import", "mlruns", "--dry-run")
    assert (look.status, "Runs: 1 would be new" in look.out) == (0, True), look
    done = trackside_cli("import", "mlruns")
    assert done.status == 0, done
    assert "Runs: 1 new" in done.out
    assert "Points: 2. Files: 1 (5 B)." in done.out
    again = trackside_cli("import", "mlruns", "--json")
    assert json.loads(again.out)["progress"]["counts"]["runs"]["same"] == 1
    out = trackside_cli("export", "--to", str(tmp_path / "out"), "--run", RUN)
    assert out.status == 0, out
    assert "Runs: 1 new" in out.out
    assert next((tmp_path / "out").glob(f"*/{RUN}/artifacts/x.txt")).read_text() == "hello"


def test_what_cannot_be_is_told_in_a_sentence(trackside_cli):
    gone = trackside_cli("import", "nowhere")
    assert (gone.status, "There is no file or folder" in gone.err) == (1, True)
    wrong = trackside_cli("import", "mlruns", "--artifacts", "move")
    assert (wrong.status, "copy, reference, none" in wrong.err) == (2, True)
    nothing = trackside_cli("export")
    assert (nothing.status, "--to" in nothing.err) == (1, True)
    idle = trackside_cli("import", "mlruns", "--stop")
    assert (idle.status, "Nothing is under way" in idle.err) == (1, True)
