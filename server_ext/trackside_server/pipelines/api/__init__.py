"""KFP's REST API, version v2beta1, below ``/trackside/apis/v2beta1``.

The handlers parse, call and answer; `wire_runs` and `wire_tasks` write what the services give in
the form that KFP's clients read: names with underscores, nothing for what is not set, times as
texts.
"""
