"""What runs in the pod around the job: standard library only, any Python from 3.8.

`start.py` is mounted into the container and unpacks the rest, which is this folder, the job's
bootstrap and the light part of `trackside`, so that an image needs nothing but Python.
"""
