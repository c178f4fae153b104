"""What recurs: pipelines, and notebooks and scripts as jobs.

Schedules, what is kept of them, and the task that starts what is due. They run while this server
runs. What was due while it did not is started late or noted as missed, as the schedule says;
nothing that was due is forgotten silently.
"""
