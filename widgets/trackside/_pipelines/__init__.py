"""Cells of a notebook as the steps of a pipeline.

A cell that begins with ``%%step NAME`` runs in the kernel as ever, and its code is kept
(`session`). Looking at the pipeline reads all of that anew: `reading` finds what each cell needs
and sets, `using` what it changes; `flow` decides which step takes what of which, asking `bringing`
what comes along from the rest of the notebook and `values` what the kernel knows of a variable.
`document` writes it down as Kubeflow Pipelines reads it, with a `program` for each step, most of
which is `carrier`.
"""
