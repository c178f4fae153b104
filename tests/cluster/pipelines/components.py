"""Components, as people write them: containers, and functions in Python."""

import os

from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input, Metrics, Output

IMAGE = os.environ["IMAGE"]
PROGRAM = os.environ["PROGRAM"]
WITH_KFP = os.environ["WITH_KFP"]


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
def tells(text: str, data: Output[Dataset], said: dsl.OutputPath(str)):
    return sh('printf "%s" "$0" > "$2"; printf "the file of %s" "$0" > "$1"', text, data.path, said)


@dsl.container_component
def shows(data: Input[Dataset], out: dsl.OutputPath(str)):
    return sh('cat "$0" > "$1"', data.path, out)


@dsl.container_component
def multiplies(left: int, right: int, data: Output[Dataset], out: dsl.OutputPath(int)):
    return sh(
        'printf "%s times %s" "$0" "$1" > "$2"; echo $(($0 * $1)) > "$3"',
        left,
        right,
        data.path,
        out,
    )


@dsl.container_component
def gathers(values: list, others: list, out: dsl.OutputPath(dict)):
    return sh('printf "{\\"values\\": %s, \\"others\\": %s}" "$0" "$1" > "$2"', values, others, out)


@dsl.container_component
def holds(number: int, began: dsl.OutputPath(float), over: dsl.OutputPath(float)):
    """All pods of a node have one clock, which nobody sets."""
    return sh(
        """
        cut -d " " -f 1 /proc/uptime > "$1"
        echo "holds $0"
        while [ ! -e /tmp/go ]; do sleep 0.1; done
        cut -d " " -f 1 /proc/uptime > "$2"
        """,
        number,
        began,
        over,
    )


@dsl.container_component
def breaks(out: dsl.OutputPath(str)):
    return sh('printf "half of it" > "$0"; exit 3', out)


@dsl.container_component
def adds(out: dsl.OutputPath(str), text: str = "a default"):
    return sh('printf "%s, and more" "$0" > "$1"', text, out)


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


@dsl.component(base_image=WITH_KFP)
def prepares(rows: int, data: Output[Dataset], metrics: Output[Metrics]) -> str:
    with open(data.path, "w") as file:
        file.writelines(f"{row}\n" for row in range(rows))
    data.metadata["kind"] = "numbers"
    metrics.log_metric("loss", 0.5)
    return f"{rows} rows"


@dsl.component(base_image=WITH_KFP)
def judges(
    said: str,
    data: Input[Dataset],
    before: Input[Metrics],
    after: Output[Metrics],
    factor: float = 0.5,
) -> int:
    import os

    print("judges", said, "of", data.metadata["kind"], "with", os.environ.get("MARK", "nothing"))
    after.log_metric("loss", before.metadata["loss"] * factor)
    with open(data.path) as file:
        return sum(int(line) for line in file)
