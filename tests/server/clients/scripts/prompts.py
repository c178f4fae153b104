"""Prompts: registered, changed, loaded by version and alias, and kept apart from models."""

import json

import mlflow
from mlflow import MlflowClient

NEW = mlflow.__version__.startswith("3")

client = MlflowClient()
name = f"ask-{mlflow.__version__.replace('.', '-')}"
seen = {}

prompts = mlflow.genai if NEW else mlflow
first = prompts.register_prompt(name, "Sum up {{text}}.", commit_message="first")
second = prompts.register_prompt(name, "Sum up {{text}} in {{words}} words.", tags={"by": "me"})
prompts.set_prompt_alias(name, "production", 1)
# MLflow 2 has the numbers of versions as texts.
seen["versions"] = [int(first.version), int(second.version)]
seen["loaded"] = prompts.load_prompt(f"prompts:/{name}/2").format(text="x", words="3")
seen["by alias"] = prompts.load_prompt(f"prompts:/{name}@production").template
prompts.set_prompt_alias(name, "production", 2)
seen["moved"] = int(prompts.load_prompt(f"prompts:/{name}@production").version)
seen["tags"] = dict(prompts.load_prompt(f"prompts:/{name}/2").tags)
if NEW:
    seen["found"] = [prompt.name for prompt in prompts.search_prompts(f"name = '{name}'")]
    seen["latest"] = prompts.load_prompt(f"prompts:/{name}@latest").version
    client.set_prompt_tag(name, "team", "a")
    seen["prompt tags"] = client.get_prompt(name).tags["team"]
    with mlflow.start_run() as run:
        prompts.load_prompt(f"prompts:/{name}/1")
    mlflow.flush_trace_async_logging()
prompts.delete_prompt_alias(name, "production")
client.create_registered_model(f"model beside {name}")
found = client.search_registered_models(f"name LIKE '%{name}'")
seen["models"] = [model.name for model in found]
seen["model versions"] = len(client.search_model_versions(f"name = '{name}'"))
try:
    client.create_registered_model(name)
except mlflow.MlflowException as error:
    seen["taken"] = error.error_code
print(json.dumps(seen))
