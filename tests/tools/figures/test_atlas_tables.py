"""The table of longer trainings, against a plain loop over the shipped results."""

from collections import defaultdict
from statistics import fmean

from sweeper.repository import files
from sweeper.repository.sources import shipped_folder
from tools.figures.atlas_tables import LONG, table_of_longer


def test_the_longer_trainings_have_their_highest_means_over_seeds():
    known = files.load(shipped_folder())
    tasks = {row["id"]: row for _, row in known.tasks.iterrows() if row["samples"] >= LONG}
    values = defaultdict(list)
    for row in known.results.to_dict("records"):
        if row["task"] in tasks and row["objective"] == "retrieval":
            setting = tuple(row[name] for name in ("loss", "m1", "m2", "m3", "scale", "lr"))
            values[row["task"], setting].append(row["value"])
    lines = table_of_longer(known).splitlines()[2:]
    assert len(lines) == len({task for task, _ in values}) >= 9
    for line in lines:
        cells = [cell.strip() for cell in line[1:-1].split("|")]
        name, net, _, samples, plan, softmax, _, _, best, _, lr = cells
        expected = []
        for id_, row in tasks.items():  # what was measured twice has two lines
            if (
                row["dataset"].replace(".npz", "") == name
                and row["net"] == net.partition(",")[0]
                and f"{row['batch_size']}; {row['embedding']}" == plan
                and abs(row["samples"] / 1000 - int(samples)) < 50
            ):
                means = {setting: fmean(v) for (of, setting), v in values.items() if of == id_}
                plain = [mean for setting, mean in means.items() if setting[0] == "softmax"]
                others = {each: mean for each, mean in means.items() if each[0] != "softmax"}
                rate = max(others, key=others.__getitem__)[5]
                figures = (max(plain), max(others.values()))
                expected.append((*(f"{100 * each:.1f}" for each in figures), rate))
        assert (softmax, best, float(lr)) in expected
