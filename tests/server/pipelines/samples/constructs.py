"""Pipelines with each construct of the SDK, small enough that what they give is known."""

from typing import List, NamedTuple, Optional

from kfp import dsl, kubernetes
from kfp.dsl import Artifact, Dataset, Input, Output


@dsl.component
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component
def say(text: str) -> str:
    print(text)
    return text


@dsl.component
def halve(number: float) -> float:
    return number / 2


@dsl.component
def split(n: int) -> NamedTuple("Parts", [("parts", List[int]), ("even", bool), ("options", dict)]):
    return (list(range(n)), n % 2 == 0, {"n": n, "name": f"of {n}"})


@dsl.component
def total(numbers: List[int]) -> int:
    return sum(numbers)


@dsl.component
def write(text: str, data: Output[Dataset]):
    with open(data.path, "w") as file:
        file.write(text)


@dsl.component
def read(data: Input[Artifact]) -> str:
    with open(data.path) as file:
        return file.read()


@dsl.component
def join(parts: Input[List[Dataset]]) -> str:
    return " ".join(sorted(open(part.path).read() for part in parts))


@dsl.component
def fail(text: str = "no"):
    raise RuntimeError(text)


@dsl.component
def clean_up(status: dsl.PipelineTaskFinalStatus, text: Optional[str] = None):
    print(status.state, text)


@dsl.container_component
def echo(text: str, done: dsl.OutputPath(str)):
    return dsl.ContainerSpec(
        image="alpine:3.20",
        command=["sh", "-c", 'mkdir -p "$(dirname "$1")"; printf "%s" "$0" > "$1"'],
        args=[dsl.ConcatPlaceholder(["said: ", text]), done],
    )


@dsl.pipeline
def chain(start: int = 1, name: str = "it's", rate: float = 2.0) -> int:
    """Three tasks, each after the other."""
    first = add(a=start)
    second = add(a=first.output, b=10)
    halve(number=rate)
    said = say(text=f"{name} is {second.output}").after(first)
    said.set_caching_options(False).set_display_name("tell")
    return second.output


@dsl.pipeline
def branches(n: int, flag: bool = True) -> str:
    parts = split(n=n)
    with dsl.If(n > 5):
        big = say(text="big")
    with dsl.Elif(n == -1):
        odd = say(text="minus one")
    with dsl.Else():
        small = say(text="small")
    with dsl.If(parts.outputs["even"] == True):  # noqa: E712
        with dsl.If(flag != False):  # noqa: E712
            say(text="even")
    return dsl.OneOf(big.output, odd.output, small.output)


@dsl.pipeline
def loops(n: int = 3) -> NamedTuple("Sums", [("sum", int), ("texts", str)]):
    parts = split(n=n)
    with dsl.ParallelFor(parts.outputs["parts"], parallelism=2) as part:
        plus = add(a=part, b=100)
        with dsl.ParallelFor([1, 2]) as inner:
            add(a=inner, b=part)
    with dsl.ParallelFor([{"a": "p", "b": "x"}, {"a": "q", "b": "y"}]) as item:
        say(text=item.a)
        written = write(text=item.b)
    joined = join(parts=dsl.Collected(written.outputs["data"]))
    summed = total(numbers=dsl.Collected(plus.output))
    sums = NamedTuple("Sums", [("sum", int), ("texts", str)])
    return sums(summed.output, joined.output)


@dsl.pipeline
def exits(text: str = "broken"):
    last = clean_up(text="done")
    with dsl.ExitHandler(last, name="guard"):
        fail(text=text).set_retry(2, backoff_duration="1s", backoff_factor=3)
    say(text="after all").ignore_upstream_failure()


@dsl.pipeline
def inner(number: int, text: Optional[str] = None, data: Optional[Input[Dataset]] = None) -> int:
    say(text="inside")
    return add(a=number).output


@dsl.pipeline
def outer(number: int = 4) -> int:
    made = write(text="rows")
    below = inner(number=number, data=made.outputs["data"])
    return add(a=below.output, b=number).output


@dsl.pipeline
def imported(uri: str = "file:///tmp/data.txt") -> str:
    found = dsl.importer(
        artifact_uri=uri, artifact_class=Dataset, reimport=True, metadata={"rows": 7, "of": uri}
    )
    return read(data=found.output).output


@dsl.pipeline
def containers(text: str = "hello"):
    task = echo(text=text)
    task.set_cpu_limit("2").set_memory_limit("1G").set_env_variable("MODE", "fast")
    task.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1)
    kubernetes.use_secret_as_env(task, "secret", {"key": "TOKEN"})
    kubernetes.set_timeout(task, 60)


@dsl.component
def wait_for(path: str):
    import time
    from pathlib import Path

    while not Path(path).exists():
        time.sleep(0.05)


@dsl.pipeline
def gated(gate: str):
    wait_for(path=gate)
