"""Containers with an image of their own: the tasks of pipelines.

Such an image may have neither Python nor a shell, so nothing of ours runs in its container. What
goes in and what comes out lies on an `emptyDir`, of which the container sees three folders
(`layout`). Around it, with the notebook's image:

- an init container fetches the inputs, where there are any;
- a sidecar waits for the end of the container and sends what it left (`podside.courier`).

`cargo` is what a task is made of, as its bundle has it. `planning` and `building` make the
manifests of it, `sending` what is delivered. `arrival` takes what comes back: over HTTP, or as
frames of the sidecar's output where this server is out of reach of the pod. What lies on a volume
that notebook and pod share is mounted, and nothing travels.
"""
