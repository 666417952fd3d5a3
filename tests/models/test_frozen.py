"""Frozen bodies: features computed once, and heads on them."""

from dataclasses import replace

import pytest
import torch

from sweeper import models
from sweeper.data import Dataset
from sweeper.data.embedded_dataset import EmbeddedDataset
from sweeper.errors import UsageError
from sweeper.models import frozen_features
from sweeper.models.frozen import embed, is_frozen
from sweeper.models.frozen_features import cached_features
from sweeper.models.portable import portable, portable_state
from sweeper.models.pretrained import _IMAGENET


@pytest.fixture
def images():
    generator = torch.Generator().manual_seed(0)
    return Dataset(
        name="toy",
        source="here",
        inputs=torch.randint(256, (7, 1, 12, 12), dtype=torch.uint8, generator=generator),
        labels=torch.arange(7) % 2,
        class_names=("a", "b"),
        groups=torch.arange(7),
    )


@pytest.fixture
def name(saved):
    return f"resnet18[weights={saved[0]}, size=32, body=frozen]"


@pytest.fixture(autouse=True)
def _empty_memory_cache():
    frozen_features._last.clear()


def embedded(images, name, cache):
    """Return the data set of a frozen body's features."""
    features = cached_features(images.inputs, images.fingerprint(), name, cache)
    return EmbeddedDataset.of(images, *features)


def plain_features(theirs, images):
    """The usual way: ImageNet preprocessing, then torchvision's net without `fc`."""
    mean, std = (torch.tensor(value).view(-1, 1, 1) for value in _IMAGENET)
    x = (images.float().repeat(1, 3, 1, 1) / 255 - mean) / std
    x = torch.nn.functional.interpolate(x, size=(32, 32), mode="bilinear", antialias=True)
    theirs.fc = torch.nn.Identity()
    with torch.no_grad():
        return theirs.eval()(x)


def test_features_are_those_of_a_plain_forward(saved, name, images):
    expected = plain_features(saved[1], images.inputs)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    for batch in (1, 3, 128):
        features = embed(images.inputs, name, batch=batch)
        torch.testing.assert_close(features, expected)
    assert torch.get_rng_state().equal(before)
    assert features.dtype == torch.float32
    assert not features.requires_grad


def test_the_data_set_keeps_all_but_its_images(name, images, tmp_path, capsys):
    got = embedded(images, name, tmp_path / "cache")
    assert isinstance(got, EmbeddedDataset)
    assert got.input_shape == (512,)
    assert not got.is_images
    for field in ("name", "source", "labels", "class_names", "groups", "parts", "seed"):
        assert getattr(got, field) is getattr(images, field)
    assert replace(got, seed=3).fingerprint() == got.fingerprint()
    output = capsys.readouterr()
    assert not output.out
    assert output.err == f"{name}: computing the features of 7 images on cpu, once\n"


def test_features_are_computed_once(name, images, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    first = embedded(images, name, cache)
    computed = []
    monkeypatch.setattr(frozen_features, "embed", lambda *_: computed.append(1) or first.inputs + 1)
    assert embedded(images, name, cache).inputs is first.inputs
    other_head = name.replace("=frozen", "=frozen, head=mlp")
    assert embedded(images, other_head, cache).inputs is first.inputs
    frozen_features._last.clear()  # as in another process
    again = embedded(images, name, cache)
    assert again.inputs.equal(first.inputs)
    assert again.fingerprint() == first.fingerprint()
    assert not computed
    (file,) = cache.iterdir()
    for broken in (b"", b"no features", None):
        if broken is None:
            torch.save(torch.zeros(3, 512), file)
        else:
            file.write_bytes(broken)
        frozen_features._last.clear()
        computed.clear()
        embedded(images, name, cache)
        assert computed == [1]
        frozen_features._last.clear()
        assert embedded(images, name, cache).inputs.equal(first.inputs + 1)
        assert computed == [1]
    assert [path.name for path in cache.iterdir()] == [file.name]


def test_other_images_weights_or_sizes_are_computed_again(saved, name, images, tmp_path):
    cache = tmp_path / "cache"
    prints = {embedded(images, name, cache).fingerprint()}
    prints.add(embedded(images, name.replace("size=32", "size=36"), cache).fingerprint())
    prints.add(embedded(replace(images, inputs=images.inputs + 1), name, cache).fingerprint())
    file, _ = saved
    state = torch.load(file, weights_only=True)
    torch.save(state | {"bn1.bias": state["bn1.bias"] + 1}, file)
    prints.add(embedded(images, name, cache).fingerprint())
    assert len(prints) == len(list(cache.iterdir())) == 4


def test_an_unwritable_cache_is_ignored(name, images, tmp_path):
    (tmp_path / "cache").write_text("a file")
    assert embedded(images, name, tmp_path / "cache").input_shape == (512,)


def test_embeddings_have_no_body(name, images, tmp_path):
    embeddings = replace(images, inputs=torch.zeros(7, 4))
    with pytest.raises(
        UsageError, match="takes images, but the data are embeddings; use head, linear"
    ):
        embedded(embeddings, name, tmp_path)


@pytest.mark.parametrize(("head", "weights"), [("head", 0), ("linear", 2), ("mlp", 4)])
def test_the_head_is_trained_on_the_features(name, head, weights):
    net = models.build(name.replace("=frozen", f"=frozen, head={head}"), (512,), 6)
    assert len(list(net.parameters())) == weights
    assert models.embedding_size(net, (512,)) == (512 if head == "head" else 6)


def test_the_net_for_images_is_body_and_head(saved, name, images):
    linear = name.replace("=frozen", "=frozen, head=linear")
    net = models.build(linear, (3, 12, 12), 6)
    mean, std = models.standardization(linear)
    x = ((images.inputs - mean) / std).float()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    features = net.train()(x)
    features.sum().backward()
    assert all(net.state_dict()[key].equal(value) for key, value in before.items())
    assert [key for key, p in net.named_parameters() if p.grad is not None] == [
        "head.0.weight",
        "head.0.bias",
    ]
    expected = net.head(plain_features(saved[1], images.inputs))
    torch.testing.assert_close(features, expected)


@pytest.mark.parametrize("head", ["head", "linear", "mlp"])
def test_the_portable_net_takes_images_and_needs_no_file(saved, name, images, head):
    full = name.replace("=frozen", f"=frozen, head={head}")
    trained = models.build(full, (512,), 6)
    expected = trained(plain_features(saved[1], images.inputs))
    exported = portable(full, (512,), 6)
    state = portable_state(full, trained.state_dict())
    saved[0].unlink()
    net = eval(exported.code, {"build": models.build, "nn": torch.nn})
    net.load_state_dict(state)
    mean, std = (value.float() for value in models.standardization(full))
    torch.testing.assert_close(net.eval()((images.inputs - mean) / std), expected)
    assert net(torch.zeros(2, *exported.input_shape)).shape == (2, expected.shape[1])


def test_names_say_what_is_frozen(name):
    assert is_frozen(name)
    for other in ("compact", "own.module:net", "resnet18[weights=DEFAULT]"):
        assert not is_frozen(other)
