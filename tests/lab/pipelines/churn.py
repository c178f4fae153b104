"""The pipeline of the pictures: a loop, branches, an exit task, and a task that can fail.

Run with the SDK on the path, it prints what it compiles to as JSON.
"""

import json
import tempfile
from pathlib import Path

import yaml
from kfp import compiler, dsl


@dsl.component
def load(months: int, customers: dsl.Output[dsl.Dataset]) -> int:
    """Read the table of customers."""
    from pathlib import Path

    rows = months * 700
    Path(customers.path).write_text("id,months,left\n1,12,0\n2,3,1\n")
    customers.metadata["rows"] = rows
    print(f"read {rows} customers of {months} months")
    return rows


@dsl.component
def check(customers: dsl.Input[dsl.Dataset], most_missing: float) -> str:
    """Look for what is missing."""
    missing = 0.031
    print(f"{missing=}")
    if missing > most_missing:
        raise ValueError(f"{missing:.1%} of the ages are missing, {most_missing:.1%} are allowed")
    return "complete enough"


@dsl.component
def train(
    customers: dsl.Input[dsl.Dataset],
    depth: int,
    gate: str,
    metrics: dsl.Output[dsl.Metrics],
    model: dsl.Output[dsl.Model],
) -> float:
    """Train as soon as the picture was taken."""
    import time
    from pathlib import Path

    for epoch in range(5):
        print(f"{epoch=} loss={1 / (epoch + depth):.4f}")
    while depth > 6 and not Path(gate).exists():
        time.sleep(0.05)
    accuracy = 0.8 + depth / 60
    metrics.log_metric("accuracy", round(accuracy, 4))
    Path(model.path).write_text(f"depth={depth}")
    model.metadata["framework"] = "scikit-learn"
    return accuracy


@dsl.component
def choose(accuracies: list) -> float:
    """Take the best."""
    return max(accuracies)


@dsl.component
def evaluate(
    accuracy: float,
    curves: dsl.Output[dsl.ClassificationMetrics],
    words: dsl.Output[dsl.Markdown],
):
    """Judge it."""
    from pathlib import Path

    curves.log_confusion_matrix(["stays", "leaves"], [[812, 41], [63, 284]])
    curves.log_roc_curve(
        [0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0],
        [0.0, 0.51, 0.7, 0.83, 0.92, 0.97, 1.0],
        [1.0, 0.9, 0.8, 0.6, 0.4, 0.2, 0.0],
    )
    Path(words.path).write_text("**Better** than the last one: accuracy rose by 1.2 %.\n")


@dsl.component
def deploy(accuracy: float) -> str:
    """Put it to use."""
    return "v7"


@dsl.component
def ask(accuracy: float):
    """Ask somebody."""


@dsl.component
def tell(status: dsl.PipelineTaskFinalStatus):
    """Say how it ended."""
    print(status.state)


@dsl.pipeline(name="churn", description="Says which customers are about to leave.")
def churn(gate: str, months: int = 12, most_missing: float = 0.05, enough: float = 0.9):
    """Train, judge and deploy."""
    after = tell()
    with dsl.ExitHandler(after, name="retrain"):
        loaded = load(months=months)
        customers = loaded.outputs["customers"]
        checked = check(customers=customers, most_missing=most_missing)
        with dsl.ParallelFor([2, 4, 6, 8], name="depths") as depth:
            trained = train(customers=customers, depth=depth, gate=gate).after(checked)
        best = choose(accuracies=dsl.Collected(trained.outputs["Output"]))
        evaluate(accuracy=best.output)
        with dsl.If(best.output >= enough, "good enough"):
            deploy(accuracy=best.output)
        with dsl.Else("not yet"):
            ask(accuracy=best.output)


with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "churn.yaml")
    compiler.Compiler().compile(churn, str(path))
    print(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
