"""The built-in experiments in a short form, from the study file to the page."""

import re

import numpy as np
import pytest

from sweeper.data import names
from sweeper.report.page.claims.records import CLAIMS
from sweeper.study.as_toml import as_toml
from sweeper.study.resolve import builtin_studies, builtin_study

#: Others of a family train the same in a short form: they differ in epochs, margins or data alone.
ALIKE = re.compile(
    r"mnist-softmax-arcface-(?!5-3d$)|mnist-(combined|sphere)$|sigma2r-cifar10$|five-losses-fashion$"
)
EXPERIMENTS = [
    name
    for name in builtin_studies()
    if builtin_study(name).kind == "experiment" and not ALIKE.match(name)
]
#: The classes of CIFAR by the files, and the bytes of a label.
CIFAR = {"cifar10": (10, 1), "cifar100": (100, 2)}


def short(name):
    """A few images of each class, of a few classes for ResNet-18; one epoch, two seeds."""
    spec = builtin_study(name)
    source, _, rest = spec.dataset.removesuffix("]").partition("[")
    kept = [part for part in rest.split(", ") if part and not part.startswith("per_class")]
    few = ["classes=0-2", "per_class=45"] if spec.net == "resnet18" else ["per_class=45"]
    dataset = f"{source}[{', '.join([*kept, *few])}]"
    return spec.updated(name, dataset=dataset, epochs=1, seeds=2)


def write_cifar(root, name):
    classes, label_bytes = CIFAR[name]
    generator = np.random.default_rng(0)

    def records(each):
        labels = np.repeat(np.arange(classes, dtype=np.uint8), each)
        images = generator.integers(0, 256, (len(labels), 3072), np.uint8)
        return np.hstack([labels[:, None]] * label_bytes + [images]).tobytes()

    ten = name == "cifar10"
    folder = root / ("cifar-10-batches-bin" if ten else "cifar-100-binary")
    folder.mkdir(parents=True)
    named = "batches.meta.txt" if ten else "fine_label_names.txt"
    (folder / named).write_text("\n".join(f"class{i}" for i in range(classes)))
    train = [f"data_batch_{i}" for i in range(1, 6)] if ten else ["train"]
    for batch in train:
        (folder / f"{batch}.bin").write_bytes(records(60 // len(train)))
    (folder / ("test_batch.bin" if ten else "test.bin")).write_bytes(records(4))


@pytest.mark.long
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_is_run_and_reported(name, sweeper, folder, monkeypatch):
    spec = short(name)
    source = spec.dataset.partition("[")[0]
    if source in CIFAR:
        monkeypatch.setenv("SWEEPER_DATA", str(folder / "data"))
        write_cifar(folder / "data", source)
    elif not next(item for item in names() if item.name == source).is_here():
        pytest.skip(f"{source} is not here")
    (folder / "short.toml").write_text(as_toml(spec), encoding="utf-8")
    done = sweeper("run", "short.toml", "--yes", "--workers", 1)
    assert done.status == 0, done.err
    done = sweeper("report", name, "-o", "page")
    assert (done.status, done.err) == (0, "")
    page = (folder / "page" / "index.html").read_text(encoding="utf-8")
    assert f"{spec.n_trials} of {spec.n_trials} settings are complete" in page
    if any(claim.studies == (name,) for claim in CLAIMS):
        assert "run with dataset" in page  # another than the built-in study, and told so
