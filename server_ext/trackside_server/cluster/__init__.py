"""The Kubernetes cluster: the way to it, what it has, what may be done there."""
