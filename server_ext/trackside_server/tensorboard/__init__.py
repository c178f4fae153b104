"""TensorBoard beside the runs.

``files/`` finds the event files of a run and brings them into a folder, whoever keeps the runs.
``service.py`` starts TensorBoard itself on such folders, each as a process of its own
(``process.py`` here, ``child.py`` there), and ``proxy.py`` leads to it. ``importing.py`` reads
scalars into the metrics of the run; TensorBoard is not needed for that.
"""
