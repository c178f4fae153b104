"""Pipelines of every construct that steers what runs, when and how often."""

from typing import NamedTuple

from components import adds, breaks, gathers, holds, multiplies, says, shows, tells
from kfp import dsl
from kfp.dsl import Dataset


class Way(NamedTuple):
    value: str
    content: str


class Table(NamedTuple):
    numbers: list
    files: list[Dataset]


@dsl.pipeline
def way(number: int) -> Way:
    with dsl.If(number < 2):
        small = tells(text="small")
    with dsl.Elif(number < 4):
        middle = tells(text="middle")
    with dsl.Else():
        large = tells(text="large")
    shown = shows(
        data=dsl.OneOf(small.outputs["data"], middle.outputs["data"], large.outputs["data"])
    )
    value = dsl.OneOf(small.outputs["said"], middle.outputs["said"], large.outputs["said"])
    return Way(value=value, content=shown.outputs["out"])


@dsl.pipeline
def ways() -> dict:
    """A graph of its own in a loop: each repetition goes another way."""
    with dsl.ParallelFor([5, 1, 3]) as number:
        gone = way(number=number)
    return gathers(
        values=dsl.Collected(gone.outputs["value"]),
        others=dsl.Collected(gone.outputs["content"]),
    ).outputs["out"]


@dsl.pipeline
def table() -> Table:
    with dsl.ParallelFor([3, 2]) as left, dsl.ParallelFor([10, 20]) as right:
        product = multiplies(left=left, right=right)
    return Table(
        numbers=dsl.Collected(product.outputs["out"]),
        files=dsl.Collected(product.outputs["data"]),
    )


@dsl.pipeline
def nests() -> dict:
    """A loop in a loop, then one over the artifacts that these made."""
    made = table()
    with dsl.ParallelFor(made.outputs["files"]) as data:
        shown = shows(data=data)
    return gathers(
        values=made.outputs["numbers"], others=dsl.Collected(shown.outputs["out"])
    ).outputs["out"]


@dsl.pipeline
def limited():
    with dsl.ParallelFor([1, 2, 3, 4], parallelism=2) as number:
        holds(number=number)


@dsl.pipeline
def goes_on():
    broken = breaks()
    says(value="went on").after(broken).ignore_upstream_failure()
    adds(text=broken.outputs["out"]).ignore_upstream_failure()
    tells(text="never").after(broken)


@dsl.pipeline
def imports(uri: str) -> str:
    found = dsl.importer(
        artifact_uri=uri, artifact_class=Dataset, reimport=False, metadata={"made": "by hand"}
    )
    return shows(data=found.output).outputs["out"]


PIPELINES = (ways, nests, limited, goes_on, imports)
