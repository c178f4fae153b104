"""Pipelines: what the KFP SDK compiles is read, run and shown beside the notebook.

A compiled pipeline is read into frozen values (`ir`), a pure state machine says what follows from
what happened (`machine`), the engine stores each of its steps before it acts on it, and each task
is a job like any other. The rooms below know nothing of those above them.
"""
