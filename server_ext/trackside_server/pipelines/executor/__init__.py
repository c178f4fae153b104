"""What a task is given, what it leaves behind, and how it is made a job.

For the engine, in this order:

`means.look` asks an interpreter and this machine what they have (`Means`).

`checking.check(pipeline, means)` lists before a run starts which tasks cannot run here, and why. An
empty list lets the run begin.

`preparing.prepare(context, means)` makes the folder of an attempt and says what its job is made of
(`Prepared`), or gives the `Reason` that it cannot start, which is final. To prepare an attempt
twice gives the same: a launch that is repeated after a crash is the same request to the jobs.
`inputs.resolved_inputs` gives what a cache key is made of.

`outputs.collect(context)` reads what an attempt has left once its job has succeeded: the outputs,
or the `Reason` why the attempt has failed all the same. It gives the same when it is asked again,
ids of artifacts included. `importing.import_artifact` is the whole of what an importer does, which
needs no job.

`digests.Digests` knows the digests of what artifacts hold.

What a component has installed is installed in its job, into an environment that others find again
(`trackside._runtime.overlay`): so what pip says is in the log, and stopping the task stops pip.

All of these read and write files or start processes: they are called in threads.
"""
