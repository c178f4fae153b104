"""What ``kfp-kubernetes`` says of a task: read, made concrete, and turned into parts of its pod.

In this order:

`parsing`, with `storing` and `placing`, reads the settings of an executor out of the second
document (`Settings`), each mistake with its place. It belongs to the reading of a pipeline, which
also follows what settings take from inputs and other tasks (`ir.bindings`).

`resolving.resolve` replaces what comes from inputs by its value, typed: what is left names every
Secret, volume and label as it is. `applying.pod_parts` makes of that what a pod gets on top of its
own, as `trackside_server.jobs.podparts` has it: pure, and the only thing that jobs see.

`volumes` carries out the tasks that make and delete volumes (`claims` writes these). They have no
image that anybody could run: on a KFP server its driver does their work, here the engine.
`workspaces` makes and removes the volume that the tasks of a run share; `sharing` mounts it.
"""
