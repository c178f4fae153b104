"""The interpreter: a pure state machine over a pipeline.

``step(pipeline, run, event)`` gives the run as it is afterwards, and which of its nodes have
changed; ``owed(run)`` gives what has to be done in this state. The engine stores what has changed,
then does what became owed by it. As what is owed is a function of the stored state alone, a server
that was killed at any moment asks ``owed`` of what it finds and goes on from there; each action
names the attempt that it is for, so doing it twice is the same as doing it once.
"""
