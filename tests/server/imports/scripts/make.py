"""Everything that MLflow can hold, made with whatever client runs this."""

import json

import mlflow
import pandas as pd
from mlflow import MlflowClient

client = MlflowClient()
vision = client.create_experiment("vision", tags={"team": "a"})
gone = client.create_experiment("gone")


class Echo(mlflow.pyfunc.PythonModel):
    """A model that gives back what it gets."""

    def predict(self, context, model_input):
        """Give it back."""
        return model_input


def log_model():
    """Log it, as each version of the client wants to be asked."""
    name = "name" if mlflow.__version__.startswith("3") else "artifact_path"
    mlflow.pyfunc.log_model(**{name: "model"}, python_model=Echo(), registered_model_name="echo")


with mlflow.start_run(experiment_id=vision, run_name="first") as run:
    mlflow.log_params({"lr": "0.1", "deep/key": "two\nlines"})
    for step in range(50):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metric("val/acc", float("nan"), step=1)
    mlflow.log_metric("largest", float("inf"))
    mlflow.set_tag("mlflow.note.content", "grün 🌱")
    mlflow.log_text("hello", "a/b.txt")
    data = mlflow.data.from_pandas(pd.DataFrame({"x": [1, 2]}), name="numbers")
    mlflow.log_input(data, context="train", tags={"k": "v"})
    log_model()
    with mlflow.start_run(experiment_id=vision, nested=True):
        mlflow.log_metric("loss", 2)
with mlflow.start_run(experiment_id=gone):
    mlflow.log_metric("m", 1)
client.delete_experiment(gone)
failed = client.create_run(vision, run_name="failed")
client.set_terminated(failed.info.run_id, "FAILED")
client.create_run(vision, run_name="still running")
client.delete_run(client.create_run(vision, run_name="deleted").info.run_id)

client.update_registered_model("echo", description="It gives back.")
client.set_registered_model_tag("echo", "t", "u")
client.set_model_version_tag("echo", "1", "q", "w")
client.update_model_version("echo", "1", description="The first.")
client.set_registered_model_alias("echo", "champion", "1")
client.transition_model_version_stage("echo", "1", "Production")
prompts = getattr(mlflow, "genai", mlflow)
prompts.register_prompt("greeting", "Hello {{name}}", tags={"a": "b"})

mlflow.set_experiment("vision")


@mlflow.trace
def inner(x):
    """Take a step."""
    return x + 1


@mlflow.trace
def outer(x):
    """Take two."""
    return inner(x) * 2


outer(3)
if mlflow.__version__.startswith("3"):
    mlflow.flush_trace_async_logging()
    trace = mlflow.get_last_active_trace_id()
    mlflow.log_feedback(trace_id=trace, name="good", value=True, rationale="It is.")
    mlflow.log_expectation(trace_id=trace, name="answer", value={"a": 1})
print(json.dumps({"run": run.info.run_id}))  # noqa: T201
