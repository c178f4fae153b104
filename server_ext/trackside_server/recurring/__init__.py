"""What recurs: pipelines, and notebooks and scripts as jobs.

Schedules, what is kept of them, and the task that starts what is due. They run while this server
runs. What was due while it did not is started late or noted as missed, as the schedule says;
nothing that was due is forgotten silently. What was handed over to a cluster is started there, also
while no server runs (`keeping`, `crontab`), and noted when it is found (`adoption`).
"""
