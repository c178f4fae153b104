"""Pipelines of container components, as people write them; printed as compiled, by name."""

import json
import sys
import tempfile
from pathlib import Path

import flows
from components import (
    again,
    copies,
    deaf,
    doubles,
    ends,
    fails,
    forgets,
    here,
    joins,
    judges,
    makes,
    measures,
    missing_image,
    prepares,
    reads,
    says,
    there,
    waits,
    writes,
)
from kfp import compiler, dsl


@dsl.pipeline
def mixed() -> str:
    copied = there(data=here().outputs["data"])
    # Also where Docker runs on this machine.
    copied.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1)
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
def learns(rows: int) -> int:
    """Only the cluster has what the second one asks for."""
    made = prepares(rows=rows)
    judged = judges(
        said=made.outputs["Output"], data=made.outputs["data"], before=made.outputs["metrics"]
    )
    judged.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1)
    judged.set_env_variable("MARK", "a mark")
    return judged.outputs["Output"]


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
            learns,
            patient,
            mixed,
            large,
            bare,
            asks,
            accelerated,
            *flows.PIPELINES,
        ):
            path = Path(folder, f"{pipeline.name}.yaml")
            compiler.Compiler().compile(pipeline, str(path))
            compiled[pipeline.name] = path.read_text()
    print(json.dumps(compiled))


if __name__ == "__main__":
    sys.exit(main())
