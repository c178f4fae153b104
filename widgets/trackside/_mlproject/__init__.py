"""MLproject files: folders with entry points, run as jobs.

`reading` turns the file into a `model.Project`, `arguments` checks the values for an entry point,
`template` makes a shell script of its command in which no value stands, and `submitting` sends all
of it as a script job whose script is `launcher`.
"""
