"""Components that are images, and pipelines of them; prints those that tests start themselves."""

import json
import os
import tempfile
from pathlib import Path

from kfp import compiler, dsl
from kfp.dsl import Dataset, Input, Model, Output

IMAGE = os.environ["IMAGE"]


@dsl.container_component
def write(
    n: int, text: str, words: dsl.OutputPath(str), rows: Output[Dataset], model: Output[Model]
):
    script = """
        printf '%s' "$1|$2|$WORD|$HOME" > "$3"
        echo row > "$4"
        mkdir -p "$5/deep"
        echo weights > "$5/deep/part"
        echo "as $(id -u):$(id -g)"
        env
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["sh", "-ec", script, "sh"],
        args=[n, text, words, rows.path, model.path],
    )


@dsl.container_component
def read(rows: Input[Dataset], model: Input[Model], size: dsl.OutputPath(int)):
    script = """
        if touch "$1" 2>/dev/null || touch "$2/more" 2>/dev/null; then echo not mine >&2; exit 9; fi
        cat "$1" "$2/deep/part" | wc -c > "$3"
    """
    return dsl.ContainerSpec(
        image=IMAGE, command=["sh", "-ec", script, "sh"], args=[rows.path, model.path, size]
    )


@dsl.component
def both(rows: Input[Dataset], model: Input[Model], note: Output[Dataset]) -> str:
    from pathlib import Path

    Path(note.path).write_text("from Python")
    return Path(rows.path).read_text() + Path(model.path, "deep", "part").read_text()


@dsl.container_component
def last(note: Input[Dataset]):
    return dsl.ContainerSpec(image=IMAGE, command=["cat"], args=[note.path])


@dsl.pipeline
def files(n: int, text: str):
    wrote = write(n=n, text=text).set_env_variable("WORD", "$HOME 'x'")
    made = {name: wrote.outputs[name] for name in ("rows", "model")}
    read(**made)
    python = both(**made)
    last(note=python.outputs["note"])


@dsl.container_component
def leave(code: int):
    return dsl.ContainerSpec(
        image=IMAGE, command=["sh", "-c", 'echo "leaves with $0" >&2; exit "$0"'], args=[code]
    )


@dsl.pipeline
def fails():
    leave(code=7)


@dsl.container_component
def nothing():
    return dsl.ContainerSpec(image="localhost:9/there/is/none:1", command=["true"])


@dsl.pipeline
def unknown():
    nothing()


@dsl.container_component
def limited():
    # Where control groups are, of the first or the second version.
    script = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null"
    return dsl.ContainerSpec(image=IMAGE, command=["sh", "-c", f"{script} || true"])


@dsl.pipeline
def limits():
    limited().set_memory_limit("64Mi").set_cpu_limit("0.5")


@dsl.container_component
def hold(word: dsl.OutputPath(str), deaf: int):
    """Run until it is stopped, or until it finds a file beside its output."""
    script = """
        if [ "$2" = 1 ]; then trap '' TERM; else trap 'echo heard; exit 0' TERM; fi
        echo "up $1.go"
        until [ -e "$1.go" ]; do sleep 0.05; done
        printf went > "$1"
    """
    return dsl.ContainerSpec(image=IMAGE, command=["sh", "-ec", script, "sh"], args=[word, deaf])


@dsl.pipeline
def holds(deaf: int = 0):
    hold(deaf=deaf)


def text_of(pipeline):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pipeline.yaml")
        compiler.Compiler().compile(pipeline, str(path))
        return path.read_text()


if __name__ == "__main__":
    print(json.dumps({"holds": text_of(holds)}))
