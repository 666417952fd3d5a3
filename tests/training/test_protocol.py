import json
import math

import pytest
import torch

from sweeper.training.augmentation import Augmentation
from sweeper.training.balanced_batches import balanced_batches
from sweeper.training.batching import batches
from sweeper.training.protocol import TrainingProtocol

CPU = torch.device("cpu")
LABELS = torch.arange(47) % 3
LA_GRASSA = TrainingProtocol("epoch", 25, Augmentation(4, math.radians(15), True, True))


def test_the_default_is_plain_batches_a_decay_a_step_and_no_augmentation():
    plain = TrainingProtocol()
    ours, theirs = plain.batches(LABELS, 10, [0, 4], 3, CPU), batches(47, 10, [0, 4], 3, CPU)
    assert all(one.equal(other) for one, other in zip(ours, theirs, strict=True))
    assert plain.steps(LABELS, 10) == 5
    assert plain.decay == "step"
    assert not plain.augmentation


def test_balanced_batches_do_not_ask_for_a_batch_size():
    balanced = TrainingProtocol(per_class=4)
    ours = list(balanced.batches(LABELS, 10, [0, 4], 3, CPU))
    theirs = balanced_batches(LABELS, 4, [0, 4], 3)
    assert all(one.equal(other) for one, other in zip(ours, theirs, strict=True))
    assert len(ours) == balanced.steps(LABELS, 10) == balanced.steps(LABELS, 1000) == 4


@pytest.mark.parametrize(
    ("protocol", "stored"),
    [
        (TrainingProtocol(), {}),
        (TrainingProtocol("epoch"), {"decay": "epoch"}),
        (TrainingProtocol(per_class=3), {"per_class": 3}),
        (
            TrainingProtocol(augmentation=Augmentation(vertical_flip=True)),
            {"augmentation": {"vertical_flip": True}},
        ),
        (
            LA_GRASSA,
            {
                "decay": "epoch",
                "per_class": 25,
                "augmentation": {
                    "crop": 4,
                    "rotation": math.pi / 12,
                    "horizontal_flip": True,
                    "vertical_flip": True,
                },
            },
        ),
    ],
    ids=["default", "decay", "balanced", "flip", "LA_GRASSA"],
)
def test_what_differs_is_stored_and_comes_back(protocol, stored):
    assert protocol.to_dict() == stored
    assert TrainingProtocol.from_dict(json.loads(json.dumps(stored))) == protocol


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ({"decays": "epoch"}, "unknown key of protocol: decays"),
        ({"augmentation": {"crops": 4, "blur": 1}}, "unknown key of augmentation: blur, crops"),
        ({"decay": "year"}, "decay must be step or epoch, not 'year'"),
        ({"per_class": 0}, "per_class must be at least 1, not 0"),
        ({"augmentation": {"crop": -1}}, "crop must be"),
    ],
)
def test_what_makes_no_sense_is_refused(stored, message):
    with pytest.raises(ValueError, match=message):
        TrainingProtocol.from_dict(stored)
