"""What a task is given, what it leaves behind, and how it is made a job.

For the engine, in this order:

`look` asks an interpreter and this machine once what they have (`Means`). It blocks, so it belongs
into a thread; the answer is remembered as long as the interpreter stays as it is.

`check(pipeline, means)` lists before a run starts which tasks cannot run here, and why. An empty
list lets the run begin.

`prepare(task, means)` makes the folder of an attempt and says what the job is made of
(`Prepared`), or gives the `Reason` that it cannot start, which is final. To prepare an attempt
twice gives the same: a launch that is repeated after a crash is the same request to the jobs.
`task_folder` names the folder of an attempt; `resolved_inputs` gives what a cache key is made of,
or raises `ContractError`, whose ``reason`` is final too.

`collect(task)` reads what an attempt has left once its job has succeeded: the outputs, or the
`Reason` why the attempt has failed all the same. It gives the same when it is asked again, ids of
artifacts included.

`Digests.of(uri)` is the digest of an artifact's content; `import_artifact` is the whole of what an
importer does, which needs no job. `overlays.prune` removes environments that nobody used for long.

All of these read and write files, `look` starts processes: call them in a thread.
"""

from __future__ import annotations

from . import overlays
from .checking import check
from .context import Means, Place, Prepared, Refusal, TaskContext, TaskRun
from .digests import Digests
from .importing import import_artifact
from .inputs import resolved_inputs
from .means import look
from .outputs import collect
from .places import task_folder
from .preparing import prepare
from .reasons import ContractError

__all__ = [
    "ContractError",
    "Digests",
    "Means",
    "Place",
    "Prepared",
    "Refusal",
    "TaskContext",
    "TaskRun",
    "check",
    "collect",
    "import_artifact",
    "look",
    "overlays",
    "prepare",
    "resolved_inputs",
    "task_folder",
]
