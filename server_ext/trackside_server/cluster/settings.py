"""What a user may set about the cluster and the jobs there."""

from __future__ import annotations

from traitlets import Enum, Float, Unicode
from traitlets.config import Configurable

from .access import Wish, is_configured


class ClusterSettings(Configurable):
    """The settings of the extension that are about the cluster."""

    cluster = Enum(
        ("auto", "off"),
        "auto",
        help="""Whether jobs may run on a Kubernetes cluster.

        `auto` (the default) takes the cluster of the pod that Jupyter runs in, or the one that the
        kubeconfig names. `off` knows of none.""",
    ).tag(config=True)

    kube_context = Unicode(
        "",
        help="""The context of the kubeconfig that jobs go to; empty (the default) for the current
        one.""",
    ).tag(config=True)

    kube_namespace = Unicode(
        "",
        help="""The namespace that jobs run in.

        Empty (the default) means that of the context, or of the pod that Jupyter runs in.""",
    ).tag(config=True)

    cluster_url = Unicode(
        "",
        help="""The address of Trackside for the pods of jobs, such as
        `http://my-notebook.team-a.svc.cluster.local/notebook/team-a/my-notebook/trackside`.

        Empty (the default) means the address of Jupyter's own pod, where Jupyter runs in one and
        listens on more than its loopback. Pods that cannot reach it log through what they
        print.""",
    ).tag(config=True)

    job_image = Unicode(
        "",
        help="""The container image of jobs on the cluster that name none, where Jupyter runs in no
        pod whose image they could take.

        With it, files of tasks of pipelines are fetched and sent, too: it needs Python.""",
    ).tag(config=True)

    default_runner = Enum(
        ("auto", "local", "cluster"),
        "auto",
        help="""Where jobs run that do not say it, and the tasks of pipeline runs that do not.

        `auto` (the default) is this machine where it can run the job, else the cluster; so a job
        that asks for GPUs goes to the cluster when this machine has none.""",
    ).tag(config=True)

    cronjob_keep_days = Float(
        7.0,
        min=0.01,
        help="""How many days a run stays on the cluster that a CronJob of a recurring notebook or
        script started, and no Jupyter server has read: the longest that the server may be off
        without losing its log.

        What the server has read goes an hour later.""",
    ).tag(config=True)

    def cluster_wish(self) -> Wish | None:
        """Return what is to be looked for; None where no cluster is to be used or there is none."""
        if self.cluster == "off" or not is_configured():
            return None
        return Wish(self.kube_context, self.kube_namespace)
