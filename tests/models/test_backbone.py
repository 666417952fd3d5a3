"""torchvision's nets: the same outputs as torchvision's own, and what is rejected."""

import copy
import subprocess
import sys

import pytest
import torch
from torch.nn import functional as F
from torchvision.models import get_model

from sweeper import models
from sweeper.errors import SweeperError, UsageError
from sweeper.models.fused import fuse
from sweeper.models.torchvision_names import names
from sweeper.models.unfused import MemberByMember

SOME = [
    "mobilenet_v3_small",
    "shufflenet_v2_x0_5",
    "squeezenet1_1",
    "inception_v3",
    "regnet_y_400mf",
]


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (3, 64, 64), (1, 1, 1), (3, 20, 33)])
@pytest.mark.parametrize("embedding", [2, 512])
def test_features_of_resnet18_are_torchvisions(shape, embedding):
    torch.manual_seed(0)
    net = models.build("resnet18", shape, embedding).double()
    theirs = get_model("resnet18", weights=None, num_classes=embedding).double()
    if embedding == 512:
        theirs.fc = torch.nn.Identity()
    theirs.load_state_dict(net.state_dict())
    x = torch.randn(3, *shape, dtype=torch.float64)
    three = x.repeat(1, 3 // shape[0], 1, 1)
    for mode in (True, False):  # the first changes the batch statistics
        torch.testing.assert_close(
            net.train(mode)(x), theirs.train(mode)(three), rtol=0, atol=1e-12
        )
    assert net(x).shape == (3, embedding)
    assert models.embedding_size(net.float(), shape) == embedding


def test_resnet18_is_initialized_like_torchvisions():
    torch.manual_seed(3)
    net = models.build("resnet18", (3, 32, 32), 2)
    torch.manual_seed(3)
    theirs = get_model("resnet18", weights=None, num_classes=2)
    for own, expected in zip(net.parameters(), theirs.parameters(), strict=True):
        assert own.equal(expected)


def test_members_have_their_own_batch_statistics():
    torch.manual_seed(0)
    singles = [models.build("resnet18", (1, 28, 28), 3) for _ in range(4)]
    stacked = fuse(singles).to(torch.zeros((), dtype=torch.float64))
    assert isinstance(stacked, MemberByMember)
    singles = [copy.deepcopy(net).double() for net in singles]
    x = torch.randn(2, 4, 1, 28, 28, dtype=torch.float64)
    for step in range(2):
        stacked.train()(x + step)
        for m, net in enumerate(singles):
            net.train()(x[m // 2] + step)
    states = [stacked.member_state(m) for m in range(4)]
    for net, state in zip(singles, states, strict=True):
        for name, value in net.state_dict().items():
            torch.testing.assert_close(state[name], value, rtol=0, atol=1e-12)
    assert states[0]["bn1.num_batches_tracked"].equal(torch.tensor(2))
    assert not states[0]["bn1.running_mean"].equal(states[1]["bn1.running_mean"])
    for parameter in stacked.parameters():  # as the optimizer does it
        parameter.data = parameter.data[[1, 3]]
    stacked.keep(torch.tensor([1, 3]))
    net = models.build("resnet18", (1, 28, 28), 3).double()
    net.load_state_dict(stacked.member_state(1))
    torch.testing.assert_close(net.eval()(x[1]), singles[3].eval()(x[1]), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["resnet18", "shufflenet_v2_x0_5[size=40]"])
def test_vmap_gives_the_same(name):
    torch.manual_seed(0)
    singles = [models.build(name, (1, 32, 32), 3).double() for _ in range(2)]
    first, second = fuse(singles), fuse(singles)
    x = torch.randn(2, 4, 1, 32, 32, dtype=torch.float64)
    assert second._vmap_works(x)
    for stacked in (first, second):
        stacked.skeleton[0].train()
    torch.testing.assert_close(first.run_each(x), second.run_batched(x), rtol=0, atol=1e-12)
    for own, expected in zip(second.buffers(), first.buffers(), strict=True):
        torch.testing.assert_close(own, expected, rtol=0, atol=1e-12)


def test_a_batch_of_one_image_is_rejected_only_in_training():
    net = models.build("resnet18", (3, 32, 32), 2)
    x = torch.zeros(1, 3, 32, 32)
    with pytest.raises(SweeperError, match="one batch is a single image; choose another"):
        net(x)
    assert net.eval()(x).shape == (1, 2)
    assert models.build("convnext_tiny", (3, 32, 32), 2)(x).shape == (1, 2)


def test_images_are_resized_inside_the_net():
    torch.manual_seed(0)
    net = models.build("resnet18[size=40]", (1, 28, 20), 3).eval()
    plain = models.build("resnet18", (3, 40, 40), 3).eval()
    plain.load_state_dict(net.state_dict())
    x = torch.rand(2, 1, 28, 20)
    larger = F.interpolate(x, size=(40, 40), mode="bilinear", antialias=True)
    torch.testing.assert_close(net(x), plain(larger.repeat(1, 3, 1, 1)))


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("squeezenet1_0", (3, 64, 64), "does not end in a linear layer"),
        ("googlenet", (3, 64, 64), "has auxiliary outputs"),
        ("vit_b_16", (3, 32, 32), "takes images of 224x224 pixels, .*; use vit_b_16.size=224."),
        ("vit_b_16[size=30]", (3, 32, 32), "cannot be built for size=30"),
        ("maxvit_t[size=50]", (3, 32, 32), "cannot be built for size=50"),
        (
            "alexnet",
            (1, 28, 28),
            "at least 63x63 pixels, but these are 28x28; use alexnet.size=63.",
        ),
        ("vgg11[size=16]", (1, 28, 28), "at least 32x32 pixels, but these are 16x16"),
        ("resnet18", (2, 8, 8), "takes images with 1 or 3 channels"),
        ("resnet18", (8,), "takes images, the data are embeddings; use head, linear, mlp"),
        ("resnet34", (8,), "takes images, the data are embeddings; use head, linear, mlp"),
    ],
)
def test_unsuitable_images_or_nets_give_one_line(name, shape, message):
    with pytest.raises(UsageError, match=message) as error:
        models.build(name, shape, 2)
    assert "\n" not in str(error.value)


def gives_the_embedding_or_a_usage_error(name):
    shape = (3, 64, 64)
    try:
        net = models.build(name, shape, 3)
    except UsageError:  # always one line, see tests/test_errors.py
        return False
    return models.embedding_size(net, shape) == 3


@pytest.mark.parametrize("name", SOME)
def test_some_of_torchvisions_nets(name):
    assert gives_the_embedding_or_a_usage_error(name) == (
        name not in ("squeezenet1_1", "inception_v3")
    )


@pytest.mark.long
def test_all_of_torchvisions_nets():
    huge = {"regnet_y_128gf", "vit_h_14"}  # 2.6 and 2.5 GB of weights
    built = [
        name for name in names() if name not in huge and gives_the_embedding_or_a_usage_error(name)
    ]
    refused = set(names()) - set(built) - huge
    assert {name.split("_")[0] for name in refused} == {
        "googlenet", "inception", "maxvit", "squeezenet1", "swin", "vit",
    }  # fmt: skip
    for name in ("vit_b_32[size=64]", "maxvit_t[size=224]", "swin_v2_t[size=256]"):
        assert gives_the_embedding_or_a_usage_error(name)


def test_torchvision_is_imported_only_for_its_own_nets():
    code = (
        "import sys; from sweeper import models; models.build('compact', (1, 8, 8), 2);"
        "models.canonical('auto'); assert models.standardization('lenet') is None;"
        "assert 'torchvision' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
