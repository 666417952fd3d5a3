import pytest
import torch

from sweeper.training import Samples, TrainingData


@pytest.fixture
def make_data():
    """Blobs of images, or of embeddings, that can be learnt; float64 unless told."""

    def make(shape=(1, 8, 8), classes=3, n=60, dtype=torch.float64, held_out=False):
        generator = torch.Generator().manual_seed(1)
        centres = torch.rand(classes, *shape, generator=generator) * 160

        def samples(count):
            labels = torch.arange(count) % classes
            noise = torch.rand(count, *shape, generator=generator) * 95
            inputs = centres[labels] + noise
            return Samples(inputs.to(torch.uint8) if len(shape) == 3 else inputs / 255, labels)

        train, validation, measured = samples(n), samples(n // 2), samples(n // 2)
        images = len(shape) == 3
        values = train.inputs.double()
        mean = values.mean(dim=(0, 2, 3)).view(-1, 1, 1) if images else torch.zeros(())
        std = values.std(dim=(0, 2, 3)).view(-1, 1, 1) if images else torch.ones(())
        return TrainingData(
            train=train,
            validation=validation,
            measured=measured,
            held_out=samples(n // 2) if held_out else None,
            num_classes=classes,
            mean=mean.to(dtype),
            std=std.to(dtype),
            dtype=dtype,
        )

    return make
