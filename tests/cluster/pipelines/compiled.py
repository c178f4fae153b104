"""Pipelines of container components, as people write them; printed as compiled, by name."""

import json
import os
import sys
import tempfile
from pathlib import Path

from kfp import compiler, dsl
from kfp.dsl import Artifact, Dataset, Input, Output

IMAGE = os.environ["IMAGE"]
PROGRAM = os.environ["PROGRAM"]


def sh(script, *args):
    """Run a script with words that it finds as $0, $1, ..."""
    return dsl.ContainerSpec(image=IMAGE, command=["sh", "-euc", script], args=list(args))


@dsl.container_component
def writes(
    text: str,
    count: int,
    data: Output[Dataset],
    folder: Output[Artifact],
    said: dsl.OutputPath(str),
):
    return sh(
        """
        n=0
        while [ $n -lt "$1" ]; do echo "$n $0" >> "$2"; n=$((n+1)); done
        mkdir -p "$3/inner" "$3/empty"
        echo one > "$3/first.txt"
        echo two > "$3/inner/second.txt"
        ln -s first.txt "$3/link"
        printf "%s" "$0" > "$4"
        echo "wrote $1 lines"
        echo "loss=0.5"
        """,
        text,
        count,
        data.path,
        folder.path,
        said,
    )


@dsl.container_component
def reads(data: Input[Dataset], folder: Input[Artifact], seen: dsl.OutputPath(dict)):
    return sh(
        """
        if touch "$1/new" 2> /dev/null; then writable=true; else writable=false; fi
        printf '{"lines": %s, "second": "%s", "link": "%s", "empty": "%s", "writable": %s}' \
            "$(wc -l < "$0")" "$(cat "$1/inner/second.txt")" "$(cat "$1/link")" \
            "$(ls "$1/empty")" "$writable" > "$2"
        """,
        data.path,
        folder.path,
        seen,
    )


@dsl.container_component
def says(value: str, out: dsl.OutputPath(str)):
    return sh('printf "%s" "$0" > "$1"', value, out)


@dsl.container_component
def doubles(number: int, out: dsl.OutputPath(int)):
    return sh('echo $(($0 * 2)) > "$1"', number, out)


@dsl.container_component
def joins(numbers: list[int], out: dsl.OutputPath(str)):
    return sh('printf "%s" "$0" > "$1"', numbers, out)


@dsl.container_component
def fails(code: int):
    return sh('echo "no luck"; exit "$0"', code)


@dsl.container_component
def ends(status: dsl.PipelineTaskFinalStatus, out: dsl.OutputPath(str)):
    return sh('printf "%s" "$0" > "$1"', status, out)


@dsl.container_component
def forgets(out: dsl.OutputPath(str)):
    return sh("true")


@dsl.container_component
def waits(out: dsl.OutputPath(str)):
    return sh(
        'echo "waiting"; while [ ! -e /tmp/go ]; do sleep 0.1; done; printf waited > "$0"', out
    )


@dsl.container_component
def deaf():
    """The first process of a container, so without a handler it hears no SIGTERM."""
    return sh('trap "" TERM; echo "deaf"; while :; do sleep 1; done')


@dsl.container_component
def makes(size: int, data: Output[Dataset]):
    return sh('head -c "$0" /dev/urandom > "$1"', size, data.path)


@dsl.container_component
def measures(data: Input[Dataset], out: dsl.OutputPath(int)):
    return sh('wc -c < "$0" > "$1"', data.path, out)


@dsl.container_component
def copies(data: Input[Dataset], copy: Output[Dataset]):
    """Its image holds one program, and neither a shell nor Python."""
    return dsl.ContainerSpec(image=PROGRAM, command=["/bin/cp"], args=[data.path, copy.path])


@dsl.container_component
def missing_image():
    return dsl.ContainerSpec(image="trackside.test/nothing:1", command=["true"])


@dsl.component
def here(data: Output[Dataset]):
    with open(data.path, "w") as file:
        file.write("made here")


@dsl.container_component
def there(data: Input[Dataset], copy: Output[Dataset]):
    return sh('printf "%s, seen there" "$(cat "$0")" > "$1"', data.path, copy.path)


@dsl.component
def again(data: Input[Dataset]) -> str:
    with open(data.path) as file:
        return file.read()


@dsl.pipeline
def mixed() -> str:
    copied = there(data=here().outputs["data"])
    return again(data=copied.outputs["copy"]).output


@dsl.pipeline
def chain(text: str, count: int = 3) -> dict:
    first = writes(text=text, count=count)
    return reads(data=first.outputs["data"], folder=first.outputs["folder"]).outputs["seen"]


@dsl.pipeline
def choice(value: str) -> str:
    asked = says(value=value)
    with dsl.If(asked.outputs["out"] == "left"):
        left = says(value="went left")
    with dsl.Else():
        right = says(value="went right")
    return dsl.OneOf(left.outputs["out"], right.outputs["out"])


@dsl.pipeline
def loop() -> str:
    with dsl.ParallelFor([3, 1, 2]) as number:
        each = doubles(number=number)
    return joins(numbers=dsl.Collected(each.outputs["out"])).outputs["out"]


@dsl.pipeline
def exits():
    with dsl.ExitHandler(ends()):
        fails(code=7)


@dsl.pipeline
def tries():
    fails(code=3).set_retry(num_retries=1, backoff_duration="0s")


@dsl.pipeline
def missing():
    forgets()


@dsl.pipeline
def nowhere():
    missing_image()


@dsl.pipeline
def stopped():
    with dsl.ExitHandler(ends()):
        deaf()


@dsl.pipeline
def late():
    from kfp import kubernetes

    kubernetes.set_timeout(deaf(), seconds=2)


@dsl.pipeline
def patient() -> str:
    return waits().outputs["out"]


@dsl.pipeline
def large(size: int) -> int:
    return measures(data=makes(size=size).outputs["data"]).outputs["out"]


@dsl.pipeline
def bare() -> int:
    made = makes(size=1000)
    return measures(data=copies(data=made.outputs["data"]).outputs["copy"]).outputs["out"]


@dsl.pipeline
def asks():
    task = says(value="modest")
    task.set_cpu_request("50m").set_cpu_limit("1").set_memory_request("32Mi").set_memory_limit(
        "64Mi"
    )
    task.set_env_variable("GREETING", "$(HOME) costs $$5")


@dsl.pipeline
def accelerated():
    task = says(value="fast")
    task.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1)


def main():
    compiled = {}
    with tempfile.TemporaryDirectory() as folder:
        for pipeline in (
            chain,
            choice,
            loop,
            exits,
            tries,
            missing,
            nowhere,
            stopped,
            late,
            patient,
            mixed,
            large,
            bare,
            asks,
            accelerated,
        ):
            path = Path(folder, f"{pipeline.name}.yaml")
            compiler.Compiler().compile(pipeline, str(path))
            compiled[pipeline.name] = path.read_text()
    print(json.dumps(compiled))


if __name__ == "__main__":
    sys.exit(main())
