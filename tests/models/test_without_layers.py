"""Nets without layers, against whether the built net has parameters."""

import pytest

from sweeper import models
from sweeper.errors import UsageError
from sweeper.models.without_layers import has_no_layers, require_effect
from sweeper.registry.objectives import OBJECTIVES


@pytest.mark.parametrize("net", ["head", "linear", "mlp"])
def test_by_its_name_as_by_what_it_is_built_of(net):
    built = models.build(net, (5,), 4)
    assert has_no_layers(net) == (not any(True for _ in built.parameters()))


@pytest.mark.parametrize("net", ["compact", "mine:net", "what I call mine [", "resnet18"])
def test_other_nets_have_layers(net):
    assert not has_no_layers(net)


@pytest.mark.parametrize("head", ["head", "linear", "mlp"])
def test_on_a_frozen_body_the_head_decides(head):
    assert has_no_layers(f"resnet18[weights=DEFAULT, body=frozen, head={head}]") == (head == "head")


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_what_is_of_the_embeddings_alone_is_refused(objective):
    if not OBJECTIVES[objective].of_embeddings:
        require_effect("head", [objective])
        return
    with pytest.raises(UsageError, match=f"so {objective} is the same for every setting"):
        require_effect("head", ["accuracy", objective])
