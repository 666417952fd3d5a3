"""The list of the samples that a winner was tested on."""

import csv
import io

from sweeper.csv_cells import safe_cell
from sweeper.study.open_study import OpenStudy


def tested_samples(opened: OpenStudy, seed: int) -> str:
    """Return it as CSV: where each sample comes from, its label, and whether its class was trained.

    Empty for built-in data, whose samples have no names.

    Args:
        opened: the study.
        seed: the winner's.
    """
    dataset, split = opened.task.dataset, opened.task.split.of_seed(seed)
    if dataset.sample_names is None:
        return ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    from_array = dataset.sample_names.dtype.kind == "i"
    writer.writerow(("index" if from_array else "path", "label", "class"))
    for positions, is_trained in ((split.test, "trained"), (split.held_out_test, "held out")):
        names = dataset.sample_names[positions.numpy()]
        labels = dataset.labels[positions].tolist()
        writer.writerows(
            (safe_cell(name), safe_cell(dataset.class_names[label]), is_trained)
            for name, label in zip(names, labels, strict=True)
        )
    return text.getvalue()
