"""Names of nets with options in brackets."""

import re

import pytest

from sweeper import models
from sweeper.errors import UsageError
from sweeper.models.net_name import NetName, parse, short_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("compact", NetName("compact")),
        (" resnet50 [ size = 64 ] ", NetName("resnet50", size=64)),
        ("resnet50[]", NetName("resnet50")),
        ("resnet50[weights=DEFAULT,]", NetName("resnet50", "DEFAULT")),
        (
            "resnet50[head=mlp, body=frozen, weights=V1]",
            NetName("resnet50", "V1", None, "frozen", "mlp"),
        ),
        ("vgg11[weights=/a, b[1]/c=d.pt]", NetName("vgg11", "/a, b[1]/c=d.pt")),
    ],
)
def test_valid_names(text, name):
    assert parse(text) == name
    assert parse(str(name)) == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resnet18[size=3", "unbalanced bracket"),
        ("resnet18 size=3]", "unbalanced bracket"),
        ("resnet18[color=3]", "unknown key 'color'.*allowed: weights, size, body, head"),
        ("resnet18[size=3, size=4]", "size is given twice"),
        ("resnet18[size=0]", "size must be pixels per side, from 1 to 1024"),
        ("resnet18[size=1e3]", "size must be pixels"),
        ("resnet18[weights=]", "weights must be the name of torchvision weights"),
        ("resnet18[weights]", "weights must be the name of torchvision weights"),
        ("resnet18[weights=V1, body=cold]", "body must be tuned or frozen"),
        ("resnet18[weights=V1, body=frozen, head=lenet]", "head must be one of head, linear, mlp"),
        ("resnet18[weights=V1, head=mlp]", "a head needs a frozen body; add body=frozen"),
        ("resnet18[body=frozen]", "a frozen body without weights gives random features; add"),
    ],
)
def test_invalid_names(text, message):
    with pytest.raises(UsageError, match=message) as error:
        models.canonical(text)
    assert "\n" not in str(error.value)
    with pytest.raises(UsageError, match=message):
        models.build(text, (3, 32, 32), 4)


def test_canonical_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = tmp_path.resolve()
    for text, expected in {
        "auto": "auto",
        "compact": "compact",
        "compact[]": "compact",
        "my.own:net": "my.own:net",
        "resnet18[ body=tuned ]": "resnet18",
        "resnet18[weights=DEFAULT]": "resnet18[weights=IMAGENET1K_V1]",
        "resnet50[head=head, body=frozen, weights=DEFAULT]": (
            "resnet50[weights=IMAGENET1K_V2, body=frozen]"
        ),
        "vgg11[size=64, weights=w.pt]": f"vgg11[weights={folder}/w.pt, size=64]",
        "vgg11[weights=../w]": f"vgg11[weights={folder.parent}/w]",
        "vgg11[weights=~/w.pt]": f"vgg11[weights={folder}/home/w.pt]",
    }.items():
        assert models.canonical(text) == expected
        assert models.canonical(expected) == expected


@pytest.mark.parametrize("function", [models.canonical, models.standardization])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resnet18[weights=IMAGENET]", "unknown weights of resnet18 'IMAGENET'; did you mean"),
        ("resnt18[weights=DEFAULT]", "unknown net 'resnt18'; did you mean resnet18"),
        ("compact[size=32]", "net 'compact' has no options, .* use compact$"),
    ],
)
def test_unknown_nets_and_weights(function, text, message):
    with pytest.raises(UsageError, match=message):
        function(text)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("compact", "compact"),
        ("own.module:net", "own.module:net"),
        ("resnet18[weights=IMAGENET1K_V1]", "resnet18[weights=IMAGENET1K_V1]"),
        ("resnet18[weights=/home/me/w.pt, size=64]", "resnet18[weights=w.pt, size=64]"),
    ],
)
def test_short_names_have_no_folders(text, short):
    assert short_name(text) == short


def test_an_unknown_net_lists_the_known_ones():
    known = "compact, four-layer, head, lenet, lenet-wide, linear, mlp, resnet18, torchvision's"
    with pytest.raises(UsageError, match=f"unknown net 'qqq'; known: {re.escape(known)}"):
        models.build("qqq", (1, 8, 8), 2)
