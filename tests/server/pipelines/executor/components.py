"""Pipelines of one task each, compiled by the SDK that this script is run with."""

import json
import sys
import tempfile
from pathlib import Path
from typing import List, NamedTuple, Optional

from kfp import compiler, dsl
from kfp.dsl import (
    HTML,
    ClassificationMetrics,
    Dataset,
    Input,
    Markdown,
    Metrics,
    Model,
    Output,
    OutputPath,
)


@dsl.component
def typed(
    count: int, rate: float, name: str, on: bool, items: list, more: dict, times: int = 3
) -> NamedTuple(
    "Outputs",
    [("count", int), ("rate", float), ("text", str), ("on", bool), ("items", list), ("more", dict)],
):
    assert type(count) is int, type(count)
    return (count * times, rate * 2, name, not on, [*items, name], {**more, "name": name})


@dsl.component
def absent(name: Optional[str] = None, times: int = 2) -> str:
    return f"{name} {times}"


@dsl.component
def files(text: OutputPath(str), number: OutputPath(int), flags: OutputPath(List[bool])):
    with open(text, "w") as file:
        file.write(" kept as it is\n")
    with open(number, "w") as file:
        file.write(" 7\n")
    with open(flags, "w") as file:
        file.write("[true]")


@dsl.component
def nothing(text: OutputPath(str)):
    print("loss=0.5")


@dsl.component
def mistyped(number: OutputPath(int)):
    with open(number, "w") as file:
        file.write("seven")


@dsl.component
def artifacts(
    data: Output[Dataset],
    model: Output[Model],
    metrics: Output[Metrics],
    curve: Output[ClassificationMetrics],
    page: Output[HTML],
    note: Output[Markdown],
) -> Dataset:
    import os

    with open(data.path, "w") as file:
        file.write("rows")
    data.metadata["rows"] = 1
    os.makedirs(model.path)
    with open(os.path.join(model.path, "weights"), "w") as file:
        file.write("w")
    metrics.log_metric("accuracy", 0.9)
    curve.log_confusion_matrix(["a", "b"], [[1, 2], [3, 4]])
    curve.log_roc_curve([0.0, 1.0], [0.0, 1.0], [float("inf"), 0.0])
    with open(page.path, "w") as file:
        file.write("<p>")
    with open(note.path, "w") as file:
        file.write("*n*")
    own = dsl.Dataset(uri=dsl.get_uri("own"), metadata={"of": "python"})
    with open(own.path, "w") as file:
        file.write("own")
    return own


@dsl.component
def reads(data: Input[Dataset], parts: Input[List[Dataset]]) -> str:
    texts = [open(one.path).read() for one in [data, *parts]]
    return " ".join([*texts, str(data.metadata["rows"])])


@dsl.component
def leaves(data: Output[Dataset]):
    import os

    os.symlink("/etc/passwd", data.path)


@dsl.component
def custom(target: str, model: Output[Model]):
    import os

    os.makedirs(target)
    with open(os.path.join(target, "weights"), "w") as file:
        file.write("w")
    model.custom_path = target


@dsl.component(packages_to_install=["trackside-test-overlay"])
def installs() -> str:
    import trackside_test_overlay

    return trackside_test_overlay.WORD


@dsl.component(
    packages_to_install=["it's==1", "b[x]>=2; python_version<'4'"],
    pip_index_urls=["https://one.example/simple", "https://two.example/simple"],
)
def wishes():
    pass


@dsl.component(packages_to_install=["kfp==2.9.0", "a"])
def own_kfp():
    pass


@dsl.component(
    kfp_package_path="git+https://github.com/kubeflow/pipelines.git#subdirectory=sdk/python"
)
def other_kfp():
    pass


@dsl.component(install_kfp_package=False)
def bare():
    pass


@dsl.component(target_image="registry.example/in-image")
def in_image():
    pass


@dsl.component
def fails(word: str):
    def inner():
        raise ValueError(word)

    inner()


COMPONENTS = {
    "typed": typed,
    "absent": absent,
    "files": files,
    "nothing": nothing,
    "mistyped": mistyped,
    "artifacts": artifacts,
    "reads": reads,
    "leaves": leaves,
    "custom": custom,
    "installs": installs,
    "wishes": wishes,
    "own_kfp": own_kfp,
    "other_kfp": other_kfp,
    "bare": bare,
    "in_image": in_image,
    "fails": fails,
}


def helper(word):
    return word.upper()


def embedding(folder):
    """The newer SDK lets functions and files travel along."""
    asset = Path(folder, "words.txt")
    asset.write_text("words that travel")

    @dsl.component(additional_funcs=[helper], embedded_artifact_path=str(asset))
    def embeds(asset: dsl.EmbeddedInput[Dataset]) -> str:
        return helper(open(asset.path).read())

    @dsl.component(use_venv=True, packages_to_install=["a"])
    def apart():
        pass

    return {"embeds": embeds, "apart": apart}


def main():
    compiled = {}
    with tempfile.TemporaryDirectory() as folder:
        newer = embedding(folder) if hasattr(dsl, "EmbeddedInput") else {}
        for name, component in {**COMPONENTS, **newer}.items():
            path = Path(folder, f"{name}.yaml")
            compiler.Compiler().compile(component, str(path))
            compiled[name] = path.read_text()
    print(json.dumps(compiled))


if __name__ == "__main__":
    sys.exit(main())
