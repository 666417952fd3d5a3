"""Nets with pretrained weights: from a file, or torchvision's own."""

import urllib.error

import pytest
import torch
from torchvision.models import ResNet18_Weights

from sweeper import models
from sweeper.errors import SweeperError
from sweeper.models.portable import portable, portable_state


@pytest.mark.parametrize("embedding", [5, 3, 512])
def test_a_file_is_loaded(saved, embedding):
    file, theirs = saved
    torch.manual_seed(0)
    net = models.build(f"resnet18[weights={file}, size=32]", (3, 32, 32), embedding).eval()
    x = torch.randn(2, 3, 32, 32)
    if embedding == 5:  # a last layer of the same size is loaded, too
        torch.testing.assert_close(net(x), theirs(x))
    theirs.fc = torch.nn.Identity()
    for name, value in theirs.state_dict().items():
        assert net.state_dict()[name].equal(value)
    if embedding == 512:
        torch.testing.assert_close(net(x), theirs(x))
    if embedding == 3:  # the last layer is initialized from the generator
        torch.manual_seed(0)
        fresh = models.build("resnet18", (3, 32, 32), 3)
        assert net.fc.weight.equal(fresh.fc.weight)


def test_images_are_resized_and_standardized_as_for_imagenet(saved):
    file, _ = saved
    net = models.build(f"resnet18[weights={file}]", (1, 28, 28), 4)
    sides = []
    net.conv1.register_forward_pre_hook(lambda _, inputs: sides.append(inputs[0].shape[1:]))
    models.embedding_size(net, (1, 28, 28))
    assert sides == [(3, 224, 224)]
    for name in (f"resnet18[weights={file}]", "vgg11[weights=DEFAULT]"):
        mean, std = models.standardization(name)
        torch.testing.assert_close(
            mean.flatten() / 255, torch.tensor([0.485, 0.456, 0.406]).double()
        )
        torch.testing.assert_close(
            std.flatten() / 255, torch.tensor([0.229, 0.224, 0.225]).double()
        )
        assert mean.shape == std.shape == (3, 1, 1)
    half = "vit_b_16[weights=IMAGENET1K_SWAG_E2E_V1]"
    assert models.standardization(half) is not None
    assert models.standardization("resnet18[size=64]") is None
    assert models.standardization("own.module:net") is None


@pytest.mark.parametrize("name", ["densenet121", "mnasnet0_5", "shufflenet_v2_x0_5"])
def test_other_nets_are_loaded(tmp_path, save, name):
    theirs = save(tmp_path / "w.pth", name, wrapped=True)
    net = models.build(f"{name}[weights={tmp_path}/w.pth, size=64]", (3, 64, 64), 5).eval()
    x = torch.randn(2, 3, 64, 64)
    torch.testing.assert_close(net(x), theirs(x))


def test_prefixes_of_all_names_are_dropped(saved):
    file, theirs = saved
    state = {f"module._orig_mod.{key}": value for key, value in theirs.state_dict().items()}
    torch.save({"state_dict": state}, file)
    net = models.build(f"resnet18[weights={file}, size=32]", (3, 32, 32), 5).eval()
    x = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(net(x), theirs(x))


def test_old_names_of_densenet_are_understood(tmp_path, save):
    theirs = save(tmp_path / "new.pt", "densenet121")
    state = {
        key.replace("norm1", "norm.1").replace("conv2", "conv.2"): value
        for key, value in theirs.state_dict().items()
    }
    torch.save(state, tmp_path / "old.pt")
    net = models.build(f"densenet121[weights={tmp_path}/old.pt, size=64]", (3, 64, 64), 5).eval()
    x = torch.randn(2, 3, 64, 64)
    torch.testing.assert_close(net(x), theirs(x))


def test_missing_counters_are_accepted(tmp_path, save):
    missing = {"bn1.num_batches_tracked": None}
    save(tmp_path / "w.pt", "resnet18", **missing)
    models.build(f"resnet18[weights={tmp_path}/w.pt]", (3, 32, 32), 5)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda file, save: None, "cannot be read: No such file"),
        (lambda file, save: file.mkdir(), "cannot be read: Is a directory"),
        (lambda file, save: file.write_bytes(b"no weights"), "are broken or not a state dict"),
        (lambda file, save: torch.save(print, file), "are broken or not a state dict"),
        (lambda file, save: torch.save([1, 2], file), "are not a state dict"),
        (lambda file, save: torch.save({"epoch": 3}, file), "are not a state dict"),
        (
            lambda file, save: save(file, "resnet34"),
            "do not match the net resnet18: .* unknown .layer1.2.",
        ),
        (lambda file, save: save(file, "resnet50"), "missing|of another shape"),
        (
            lambda file, save: save(
                file, "resnet18", **{"bn1.weight": None, "bn1.bias": torch.ones(3)}
            ),
            r"1 missing \(bn1.weight, ...\), 1 of another shape \(bn1.bias, ...\); they must be",
        ),
    ],
)
def test_an_unsuitable_file_gives_one_line(tmp_path, save, write, message):
    file = tmp_path / "w.pt"
    write(file, save)
    with pytest.raises(SweeperError, match=message) as error:
        models.build(f"resnet18[weights={file}]", (3, 32, 32), 5)
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value)


def test_no_network_gives_one_line(monkeypatch):
    def fail(*args, **kwargs):
        raise urllib.error.URLError("no route")

    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", fail)
    with pytest.raises(
        SweeperError, match=r"IMAGENET1K_V1 are not on this machine .*no route.*; put https://"
    ):
        models.build("resnet18[weights=DEFAULT]", (3, 32, 32), 5)


def test_torchvisions_weights_are_loaded(saved, monkeypatch):
    file, theirs = saved
    state = torch.load(file, weights_only=True)
    monkeypatch.setattr(ResNet18_Weights, "get_state_dict", lambda self, **kwargs: state)
    net = models.build("resnet18[weights=DEFAULT, size=32]", (3, 32, 32), 5).eval()
    x = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(net(x), theirs(x))


@pytest.mark.parametrize("embedding", [4, 512])
def test_the_portable_net_needs_no_file_of_weights(saved, embedding):
    file, _ = saved
    name = f"resnet18[weights={file}]"
    net = models.build(name, (1, 28, 28), embedding).eval()
    exported = portable(name, (1, 28, 28), embedding)
    state = portable_state(name, net.state_dict())
    file.unlink()
    again = eval(exported.code, {"build": models.build, "nn": torch.nn})
    again.load_state_dict(state)
    x = torch.randn(2, *exported.input_shape)
    torch.testing.assert_close(again.eval()(x), net(x))


def test_a_net_without_weights_is_its_own_portable_form():
    state = models.build("compact", (1, 8, 8), 4).state_dict()
    exported = portable("compact", (1, 8, 8), 4)
    assert exported == ("build('compact', (1, 8, 8), 4)", (1, 8, 8))
    assert portable_state("compact", state) is state
    assert portable("a.b:c", (3,), 4).code == "build('a.b:c', (3,), 4)"
