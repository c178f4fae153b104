"""What would travel is told before anything is sent."""


async def test_a_preview_lists_modules_named_files_and_params(trackside_fetch, jp_root_dir):
    (jp_root_dir / "helper.py").write_text("VALUE = 1\n")
    (jp_root_dir / "data.csv").write_text("a,b\n")
    (jp_root_dir / "train.py").write_text(
        "import argparse, helper\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--lr', type=float, default=0.1)\n"
        "print(parser.parse_args().lr)\n"
    )
    body = {"path": str(jp_root_dir / "train.py"), "files": ["data.csv"]}
    answer = await trackside_fetch("POST", "api/v1/preview", body)
    assert answer.status == 200
    assert answer.json["path"] == "train.py"
    paths = {file["path"] for file in answer.json["files"]}
    assert {"train.py", "helper.py", "data.csv"} <= paths
    assert [param["name"] for param in answer.json["params"]] == ["lr"]


async def test_a_preview_says_what_to_write_when_files_are_no_list(trackside_fetch, jp_root_dir):
    (jp_root_dir / "train.py").write_text("print(1)\n")
    answer = await trackside_fetch("POST", "api/v1/preview", {"path": "train.py", "files": "a"})
    assert answer.status == 400
    assert "files" in answer.json["message"]
