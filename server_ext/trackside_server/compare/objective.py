"""Which metric says what is better, when nobody does."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from trackside_server.jobs.capture.traces import importance

from .entities import Goal, Objective

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WORDS = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")
_LESS = frozenset(
    "loss error errors err mse rmse mae mape smape nll perplexity ppl cost wer cer fid kid latency "
    "time duration seconds regret divergence distance brier entropy bpc memory mem elapsed".split()
)
_MORE = frozenset(
    "accuracy acc auc auroc auprc ap f1 precision recall sensitivity specificity r2 score map iou "
    "miou dice bleu rouge meteor reward return throughput ndcg mrr psnr ssim likelihood "
    "correlation pearson spearman kappa mcc hits wins success".split()
)


def goal_of(metric: str) -> Goal | None:
    """Tell from its name whether less or more of a metric is better; None when it does not say.

    >>> goal_of("val/cross_entropy_loss"), goal_of("top5Accuracy"), goal_of("epoch")
    ('min', 'max', None)
    """
    # The last word says what it is; those before, of what.
    for word in reversed(_WORDS.findall(metric)):
        name = word.lower()
        if name in _LESS or name.endswith(("loss", "error")):
            return "min"
        if name in _MORE:
            return "max"
    return None


def choose(metrics: Sequence[Mapping[str, float]]) -> Objective | None:
    """Choose the metric that most of the runs have and that matters most among those.

    Parameters
    ----------
    metrics
        The last values of each run.
    """
    counts: dict[str, int] = {}
    for values in metrics:
        for key, value in values.items():
            if math.isfinite(value) and not key.startswith("system/"):
                counts[key] = counts.get(key, 0) + 1
    if not counts:
        return None
    # What one run alone has compares nothing.
    most = max(counts.values())
    metric = min(counts, key=lambda key: (counts[key] < most, importance(key), key))
    return given(metric, None, assumed=True)


def given(metric: str, goal: Goal | None, *, assumed: bool = False) -> Objective:
    """Make an objective, completing the goal from the name where nobody said it."""
    known = goal or goal_of(metric)
    return Objective(metric, known or "max", assumed or goal is None, known is not None)
