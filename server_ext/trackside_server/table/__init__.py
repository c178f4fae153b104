"""Tables of runs: windows, groups, completion, changes of many runs, export, saved views."""
