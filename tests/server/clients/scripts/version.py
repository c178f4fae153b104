import json

import mlflow

with mlflow.start_run() as run:
    mlflow.log_metric("a", 1)
print(json.dumps({"version": mlflow.__version__, "run": run.info.run_id}))
