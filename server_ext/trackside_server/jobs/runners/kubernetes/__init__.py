"""Jobs as Jobs and TrainJobs of a Kubernetes cluster.

Where to look:

- from what is asked for to what is made: `planning` (asks the cluster), `building` and `manifests/`
  (pure), `surroundings` and `home` (the notebook's pod), `delivery` (code), `trainjob` and
  `generations` (Kubeflow Trainer), `preflight` (looks before), `launching` (makes it), `places`;
- what runs in the pod: `podside/`;
- from what is seen to what is told: `watch` and `tracked` (reflectors), `objects/` (slim views),
  `conditions` with its parts (state and sentence), `accounting` (GPU-hours), `reporting`; what no
  change of an object tells: `rounds`, with `circumstances` (who is ahead);
- what pods print: `following` and `output/`;
- how an attempt is ended before it ends by itself: `stopping`;
- how long the cluster is waited for: `patience`;
- what other notebooks have made, and what the cluster has started by itself: `meeting`,
  `introducing`; what it is to start by itself: `keeping`;
- all of it together: `runner`.
"""
