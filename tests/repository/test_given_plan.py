"""What somebody gives of a plan, with the rest filled in."""

import pytest

from sweeper.errors import UsageError
from sweeper.repository.given_plan import Given, require_own_start

SETTLED = {"epochs": 20, "batch_size": 32, "embedding": 64, "num_train": 900, "num_classes": 9}


def plan(given, net="compact", is_images=True, **settled):
    return given.plan(net=net, is_images=is_images, **{**SETTLED, **settled})


def test_nothing_given_is_all_assumed():
    found = plan(Given())
    assert (found.start, found.lr, found.given) == ("scratch", 1e-3, ())
    assert plan(Given(), net="head", is_images=False).start == "frozen"


def test_what_is_given_is_kept_and_named():
    given = Given(net="lenet", start="tuned", epochs=7, batch_size=16, lr=0.02, embedding=32)
    found = plan(given, net="lenet", epochs=7, batch_size=16, embedding=32)
    assert (found.start, found.lr) == ("tuned", 0.02)
    assert found.given == ("net", "start", "epochs", "batch_size", "lr", "embedding")


def test_the_head_keeps_the_dimensions_of_its_input():
    found = plan(Given(embedding=32), net="head", is_images=False, embedding=8)
    assert (found.embedding, found.given) == (8, ())


def test_frozen_features_of_images_have_a_linear_head_unless_a_net_is_named():
    assert plan(Given(start="frozen")).net == "linear"
    assert plan(Given(net="my.nets:vit", start="frozen"), net="my.nets:vit").net == "my.nets:vit"


@pytest.mark.parametrize(
    ("start", "net", "words"),
    [
        ("scratch", "head", "ready embeddings are the features of a frozen body"),
        ("scratch", "resnet18[weights=DEFAULT]", "whose start is tuned"),
        ("tuned", "resnet18[weights=DEFAULT, body=frozen]", "whose start is frozen"),
    ],
)
def test_a_start_that_contradicts_the_rest_is_one_line(start, net, words):
    with pytest.raises(UsageError, match=words) as refused:
        plan(Given(net=net, start=start), net=net, is_images=net != "head")
    assert "\n" not in str(refused.value)


def test_sweeper_trains_what_the_net_is_called():
    require_own_start(Given(start="scratch"), "compact", is_images=True)
    require_own_start(Given(), "resnet18[weights=DEFAULT]", is_images=True)
    with pytest.raises(UsageError, match="whose start is scratch, not tuned; name pretrained"):
        require_own_start(Given(start="tuned"), "compact", is_images=True)
