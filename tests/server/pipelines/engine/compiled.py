"""Pipelines for the engine, compiled by the SDK that this script is run with."""

import json
import tempfile
from pathlib import Path
from typing import List

from kfp import compiler, dsl
from kfp.dsl import Dataset, Input, Metrics, Model, Output


@dsl.component
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component
def write(text: str, out: Output[Dataset]):
    import pathlib

    pathlib.Path(out.path).write_text(text)
    out.metadata["length"] = len(text)


@dsl.component
def read(data: Input[Dataset]) -> str:
    import pathlib

    return pathlib.Path(data.path).read_text()


@dsl.component
def measure(rate: float, metrics: Output[Metrics], model: Output[Model]) -> float:
    metrics.log_metric("accuracy", rate * 2)
    import pathlib

    folder = pathlib.Path(model.path)
    folder.mkdir(parents=True)
    (folder / "weights.bin").write_bytes(b"w" * 10)
    return rate * 2


@dsl.component
def fail(message: str) -> str:
    raise ValueError(message)


@dsl.component
def fail_until(folder: str, times: int) -> int:
    import pathlib

    here = pathlib.Path(folder)
    count = len(list(here.glob("try-*"))) + 1
    (here / f"try-{count}").touch()
    if count <= times:
        raise RuntimeError(f"try {count} of {times + 1}")
    return count


@dsl.component
def wait_for(path: str) -> str:
    import pathlib
    import time

    while not pathlib.Path(path).exists():
        time.sleep(0.01)
    return "done"


@dsl.component
def hang(path: str) -> str:
    import pathlib
    import time

    pathlib.Path(path).touch()
    while True:
        time.sleep(1)


@dsl.component
def note(path: str, text: str) -> str:
    import pathlib

    with pathlib.Path(path).open("a") as file:
        file.write(text + "\n")
    return text


@dsl.component
def tell(status: dsl.PipelineTaskFinalStatus, path: str):
    import pathlib

    with pathlib.Path(path).open("a") as file:
        file.write(f"{status.state} {status.error_message}\n")


@dsl.component
def numbers(count: int) -> List[int]:
    return list(range(count))


@dsl.component
def total(items: list) -> int:
    return sum(items)


@dsl.component
def forget(out: dsl.OutputPath(str)):
    del out


@dsl.component
def say_oddly(how: str, out: Output[Dataset]):
    import os
    import urllib.parse

    if how == "bracket":
        out.uri = "s3://[x"
    elif how == "outside":
        out.uri = "file:///%ff"
    elif how == "long":
        out.uri = f"{out.uri}/{'x' * 300}"
    else:
        name = os.fsencode(out.path) + b"-\xff"
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT))
        out.uri = f"file://{urllib.parse.quote(name)}"


@dsl.pipeline(name="chain")
def chain(start: int = 1) -> int:
    first = add(a=start)
    second = add(a=first.output, b=10)
    third = add(a=second.output, b=100)
    return third.output


@dsl.pipeline(name="everything")
def everything(count: int, folder: str, rate: float = 0.25) -> int:
    body_done = f"{folder}/ends"
    ends = tell(path=body_done)
    with dsl.ExitHandler(ends):
        listed = numbers(count=count)
        with dsl.ParallelFor(listed.output, parallelism=2) as item:
            more = add(a=item, b=100)
        summed = total(items=dsl.Collected(more.output))
        with dsl.If(summed.output > 100):
            note(path=f"{folder}/branch", text="big")
        with dsl.Else():
            note(path=f"{folder}/branch", text="small")
        again = fail_until(folder=folder, times=1).set_retry(num_retries=2, backoff_duration="0s")
        measure(rate=rate)
        written = write(text="hello")
        taken = read(data=written.outputs["out"])
        note(path=f"{folder}/read", text=taken.output).after(again)
    return add(a=1, b=1).output


@dsl.pipeline(name="failing")
def failing(folder: str):
    bad = fail(message="no such luck").set_display_name("doomed")
    note(path=f"{folder}/never", text=bad.output)
    good = note(path=f"{folder}/good", text="good")
    note(path=f"{folder}/good", text=good.output)


@dsl.pipeline(name="forgetful")
def forgetful(folder: str):
    lost = forget()
    note(path=f"{folder}/never", text=lost.outputs["out"])


@dsl.pipeline(name="cached")
def cached(text: str):
    written = write(text=text)
    read(data=written.outputs["out"])


@dsl.pipeline(name="keyed")
def keyed(a: int) -> int:
    one = add(a=a).set_caching_options(enable_caching=True, cache_key="mine")
    return add(a=one.output).set_caching_options(enable_caching=False).output


@dsl.component
def write_huge(data: Output[Dataset]):
    import pathlib

    with pathlib.Path(data.path).open("w") as file:
        file.truncate(200 * 2**30)


@dsl.component
def size(data: Input[Dataset]) -> int:
    import pathlib

    return pathlib.Path(data.path).stat().st_size


@dsl.pipeline(name="huge")
def huge() -> int:
    written = write_huge()
    return size(data=written.outputs["data"]).output


@dsl.pipeline(name="stoppable")
def stoppable(folder: str):
    ends = tell(path=f"{folder}/ends")
    with dsl.ExitHandler(ends):
        first = hang(path=f"{folder}/hangs")
        note(path=f"{folder}/never", text=first.output)


@dsl.pipeline(name="held")
def held(folder: str) -> int:
    first = add(a=1)
    waits = wait_for(path=f"{folder}/go").after(first)
    note(path=f"{folder}/notes", text=waits.output)
    return add(a=first.output, b=5).after(waits).output


@dsl.pipeline(name="mended")
def mended(folder: str) -> int:
    first = note(path=f"{folder}/first", text="first")
    shaky = fail_until(folder=folder, times=1).after(first)
    return add(a=shaky.output).output


@dsl.container_component
def container():
    return dsl.ContainerSpec(image="busybox", command=["sh", "-c", "true"])


@dsl.pipeline(name="containers")
def containers():
    container()
    container()


@dsl.pipeline(name="imported")
def imported(uri: str) -> str:
    first = dsl.importer(artifact_uri=uri, artifact_class=Dataset, reimport=False)
    return read(data=first.output).output


@dsl.pipeline(name="odd")
def odd(how: str):
    say_oddly(how=how)


@dsl.pipeline(name="fan")
def fan(count: int) -> int:
    listed = numbers(count=count)
    with dsl.ParallelFor(listed.output) as item:
        more = add(a=item, b=1)
    return total(items=dsl.Collected(more.output)).output


@dsl.pipeline(name="long")
def long() -> int:
    last = add(a=0)
    for _ in range(9):
        last = add(a=last.output)
    return last.output


@dsl.component
def mark(folder: str, name: str, value: int = 0) -> int:
    import os

    # What is appended in one piece is there whole, or not at all.
    file = os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(file, b"ran\n")
    os.close(file)
    return value + 1


@dsl.component
def mark_and_fail_once(folder: str, name: str) -> int:
    import os

    file = os.open(f"{folder}/{name}", os.O_RDWR | os.O_CREAT | os.O_APPEND)
    os.write(file, b"ran\n")
    if os.fstat(file).st_size == 4:
        raise RuntimeError("the first time it fails")
    return 2


@dsl.pipeline(name="below")
def below(folder: str, start: int) -> int:
    first = mark(folder=folder, name="below-1", value=start)
    second = mark(folder=folder, name="below-2", value=first.output)
    return mark(folder=folder, name="below-3", value=second.output).output


@dsl.pipeline(name="thirty")
def thirty(folder: str) -> int:
    ends = mark(folder=folder, name="ends")
    with dsl.ExitHandler(ends):
        last = mark(folder=folder, name="chain-0")
        for number in range(1, 7):
            last = mark(folder=folder, name=f"chain-{number}", value=last.output)
        listed = numbers(count=4)
        with dsl.ParallelFor(listed.output, parallelism=2) as item:
            inner = mark(folder=folder, name=f"loop-{item}", value=item)
            mark(folder=folder, name=f"loop-after-{item}", value=inner.output)
        gathered = total(items=dsl.Collected(inner.output))
        with dsl.If(gathered.output == 10):
            mark(folder=folder, name="branch-taken")
        with dsl.Else():
            mark(folder=folder, name="branch-not-taken")
        again = mark_and_fail_once(folder=folder, name="again").set_retry(
            num_retries=1, backoff_duration="0s"
        )
        under = below(folder=folder, start=again.output)
        for number in range(4):
            mark(folder=folder, name=f"fan-{number}", value=under.output)
        final = mark(folder=folder, name="final", value=last.output).after(gathered)
        mark(folder=folder, name="very-last", value=final.output)
    return mark(folder=folder, name="beside", value=40).output


def main() -> None:
    made = {}
    pipelines = [
        chain,
        everything,
        failing,
        forgetful,
        cached,
        keyed,
        stoppable,
        huge,
        held,
        mended,
        containers,
        imported,
        odd,
        fan,
        long,
        thirty,
    ]
    for pipeline in pipelines:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "pipeline.yaml")
            compiler.Compiler().compile(pipeline, str(path))
            made[pipeline.name] = path.read_text()
    print(json.dumps(made))


main()
