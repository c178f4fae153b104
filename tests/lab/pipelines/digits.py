"""A pipeline for the browser: a loop that waits, a nested pipeline with branches, an exit task.

Run with the SDK on the path, it prints what it compiles to as JSON.
"""

import json
import tempfile
from pathlib import Path

import yaml
from kfp import compiler, dsl


@dsl.component
def load(rows: int, out: dsl.Output[dsl.Dataset]) -> int:
    """Make a table."""
    from pathlib import Path

    Path(out.path).write_text("pixel,label\n0.5,7\n0.25,3\n")
    print(f"rows={rows}")
    return rows


@dsl.component
def train(data: dsl.Input[dsl.Dataset], lr: float, gate: str, metrics: dsl.Output[dsl.Metrics]):
    """Train as soon as the test lets it."""
    import time
    from pathlib import Path

    while not Path(gate).exists():
        time.sleep(0.05)
    print(f"trained with lr={lr}")
    metrics.log_metric("accuracy", 1 - lr)


@dsl.component
def report(
    curves: dsl.Output[dsl.ClassificationMetrics],
    words: dsl.Output[dsl.Markdown],
    page: dsl.Output[dsl.HTML],
) -> float:
    """Judge what was trained."""
    from pathlib import Path

    curves.log_confusion_matrix(["cat", "dog"], [[31, 2], [4, 28]])
    curves.log_roc_curve([0.0, 0.2, 1.0], [0.0, 0.9, 1.0], [0.99, 0.5, 0.0])
    Path(words.path).write_text("# All is **well**\n\n<img src=x onerror='window.hacked=1'>\n")
    Path(page.path).write_text("<h1>A page</h1><script>window.top.hacked = 1</script>")
    return 0.9


@dsl.component
def deploy() -> str:
    """Be skipped or not."""
    return "deployed"


@dsl.component
def tell(status: dsl.PipelineTaskFinalStatus):
    """Say how it ended."""
    print(status.state)


@dsl.pipeline
def evaluate():
    """Judge, and deploy what is good."""
    score = report()
    with dsl.If(score.outputs["Output"] > 0.95, "excellent"):
        deploy()


@dsl.pipeline(name="digits", description="Trains with three rates and judges.")
def digits(gate: str, rows: int = 100):
    """Train and judge."""
    after = tell()
    with dsl.ExitHandler(after, name="body"):
        loaded = load(rows=rows)
        with dsl.ParallelFor([0.1, 0.01, 0.001]) as lr:
            train(data=loaded.outputs["out"], lr=lr, gate=gate)
        evaluate().after(loaded)


with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "digits.yaml")
    compiler.Compiler().compile(digits, str(path))
    print(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
