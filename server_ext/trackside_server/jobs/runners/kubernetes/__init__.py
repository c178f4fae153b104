"""Jobs as Jobs and TrainJobs of a Kubernetes cluster."""
