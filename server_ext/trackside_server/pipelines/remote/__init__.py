"""A server of Kubeflow Pipelines beside this one: browsed and steered through the same shapes.

``client.py`` asks it, ``about.py`` knows how it stands, ``service.py`` passes on what is asked of
it, ``reading.py`` tidies what it answers. How a run goes is told in the shape of our own tasks: of
KFP 3 out of its tasks (``tasks.py``), of KFP 2 out of the nodes of its Argo workflow (``argo.py``
finds their names, ``nodes.py`` joins them with the compiled pipeline). ``logs.py`` reads pods
through the cluster, ``sending.py`` brings a pipeline from here to there, ``links.py`` names its
pages.
"""
