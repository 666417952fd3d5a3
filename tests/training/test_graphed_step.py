"""Steps that are replayed against steps that are taken, with a stand-in for graphs on the CPU."""

import logging
from collections import Counter
from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from sweeper.models.fused import FusedNet
from sweeper.models.unfused import MemberByMember
from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting
from sweeper.registry.terms import TERMS
from sweeper.training import FusedTrainer, Interrupted, TrainingRecipe, is_out_of_memory
from sweeper.training.graphed_step import WARM_UP, CudaGraphs, graphs_for

SETTINGS = [
    *(Setting.of(loss, {"lr": 3e-3}) for loss in LOSSES),
    *(Setting.of("softmax", {"weight_decay": 0.1, "term_lr": 0.1}, [term]) for term in TERMS),
    Setting.of("arcface", {"subcenters": 3, "learn_scale": 1, "m2": 0.3, "scale": 8}),
    Setting.of("cosface", {"warmup": 0.5, "m3": 0.2, "scale": 8}),
    Setting.of("a-softmax", {"m1": 2, "anneal_from": 3.0, "anneal_rate": 0.5}),
]


class Recorder(TorchDispatchMode):
    """Notes every operation, with the very tensors that it read and made."""

    def __init__(self):
        super().__init__()
        self.done, self.overwritten = [], []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        for argument, given in zip(func._schema.arguments, args, strict=False):
            if argument.alias_info is not None and argument.alias_info.is_write:
                self.overwritten += [(each, each.clone()) for each in tree_leaves(given)]
        result = func(*args, **kwargs)
        if func.namespace != "profiler":
            self.done.append((func, args, kwargs, result))
        return result

    def undo(self):
        """Give tensors that were overwritten what they held before."""
        with torch.no_grad():
            for tensor, before in reversed(self.overwritten):
                tensor.copy_(before)

    def redo(self):
        """Do it all again, in the same places."""
        with torch.no_grad():
            for func, args, kwargs, result in self.done:
                again = func(*args, **kwargs)
                for old, new in zip(tree_leaves(result), tree_leaves(again), strict=True):
                    if isinstance(old, torch.Tensor) and not _in_one_place(old, new):
                        old.copy_(new)


def _in_one_place(one, other):
    """Whether two tensors share their memory: views, and what is changed in place."""
    return one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()


class Recorded:
    """Like CUDA graphs: a capture does nothing by itself, and a replay knows tensors alone."""

    def __init__(self):
        self.count = Counter()

    def warm_up(self, run):
        self.count["eager"] += 1
        run()

    def capture(self, run):
        self.count["captured"] += 1
        with Recorder() as recorder:
            run()
        recorder.undo()

        def replay():
            self.count["replayed"] += 1
            recorder.redo()

        return replay


def array_of(data, graphs, settings):
    array = FusedTrainer(data, settings, [0, 3], TrainingRecipe("compact", 4, 6, 16))
    assert array.take_step.graphs is None  # on the CPU
    array.take_step.graphs = graphs
    return array


def assert_same(one, other):
    assert one.shape == other.shape
    for r in range(one.shape[0]):
        for k in range(one.shape[1]):
            states = zip(one.member_state(r, k), other.member_state(r, k), strict=True)
            for ours, theirs in states:
                for name, value in theirs.items():
                    assert ours[name].equal(value), (name, one.settings[k].describe())


@pytest.mark.parametrize(
    ("settings", "autocast"), [(SETTINGS, False), (SETTINGS[:6], True)], ids=["float32", "bfloat16"]
)
def test_replayed_steps_give_what_steps_give(make_data, settings, autocast):
    """Batches of 15 and 16 samples, and members that leave in between."""
    data = replace(make_data(classes=4, n=62, dtype=torch.float32), autocast=autocast)
    graphs = Recorded()
    replayed, taken = (array_of(data, each, settings) for each in (graphs, None))
    for epoch in range(6):
        assert replayed.train_epoch().equal(taken.train_epoch())
        if epoch == 2:
            # Two batches per epoch of each shape: three are taken, and the rest replayed.
            assert graphs.count == {"eager": 2 * WARM_UP, "captured": 2, "replayed": 6}
            for array in (replayed, taken):
                array.keep(range(0, len(settings), 2))
    assert graphs.count == {"eager": 4 * WARM_UP, "captured": 4, "replayed": 12}
    assert_same(replayed, taken)


def test_an_epoch_that_was_abandoned_is_not_counted(make_data):
    data = make_data(n=60)
    replayed, taken = (array_of(data, graphs, SETTINGS[:2]) for graphs in (Recorded(), None))
    for array in (replayed, taken):
        array.train_epoch()
        asked = iter([False] * 2 + [True])
        with pytest.raises(Interrupted):
            array.train_epoch(lambda asked=asked: next(asked))
    assert replayed.train_epoch().equal(taken.train_epoch())


def test_evaluation_sees_what_replays_have_learned(make_data):
    data = make_data(n=64)
    replayed, taken = (array_of(data, graphs, SETTINGS[:4]) for graphs in (Recorded(), None))
    for _ in range(3):
        for array in (replayed, taken):
            array.train_epoch()
        features = [array.embed(data.measured.inputs) for array in (replayed, taken)]
        assert features[0].equal(features[1])
        assert replayed.logits(features[0]).equal(taken.logits(features[1]))


def test_nothing_captured_outlives_the_training(make_data):
    """The moments that it works on are freed then."""
    graphs = Recorded()
    replayed, taken = (array_of(make_data(), each, SETTINGS[:2]) for each in (graphs, None))
    for array in (replayed, taken):
        array.train_epoch()
        array.end_training()
    assert not replayed.take_step.held
    assert replayed.train_epoch().equal(taken.train_epoch())
    assert graphs.count == {"eager": 2 * WARM_UP, "captured": 2, "replayed": 2}


class Failing(Recorded):
    """A capture that breaks off behind the backward pass, and leaves gradients that are none."""

    def __init__(self, parameters):
        super().__init__()
        self.parameters = parameters

    def capture(self, run):
        for parameter in self.parameters:
            parameter.grad = torch.full_like(parameter, torch.nan)
        try:
            raise RuntimeError("operation not permitted when stream is capturing\nCompile with")
        finally:
            raise RuntimeError("operation failed due to a previous error during capture")


def test_where_a_capture_fails_steps_are_taken_for_good(make_data, caplog):
    data = make_data(n=60)
    failing, taken = (array_of(data, None, SETTINGS[:6]) for _ in range(2))
    graphs = failing.take_step.graphs = Failing(list(failing.net.parameters()))
    with caplog.at_level(logging.WARNING):
        for epoch in range(4):
            assert failing.train_epoch().equal(taken.train_epoch())
            if epoch == 1:
                for array in (failing, taken):
                    array.keep([0, 3])
    assert graphs.count == {"eager": WARM_UP}
    assert caplog.messages == [
        "training goes on without CUDA graphs: operation not permitted when stream is capturing"
    ]
    assert_same(failing, taken)


def test_steps_are_captured_of_fused_nets_on_a_card_alone():
    layers = [torch.nn.Sequential(torch.nn.Linear(2, 2)) for _ in range(2)]
    fused, apart = FusedNet(layers), MemberByMember(layers)
    assert isinstance(graphs_for(fused, torch.device("cuda")), CudaGraphs)
    assert graphs_for(apart, torch.device("cuda")) is None
    assert graphs_for(fused, torch.device("cpu")) is None


class OutOfMemory(Recorded):
    """Graphs for which there is no memory; to end their capture fails, too."""

    def capture(self, run):
        try:
            raise torch.OutOfMemoryError("no memory left")
        except torch.OutOfMemoryError:
            raise RuntimeError("the capture was not ended")  # noqa: B904


def test_a_capture_without_memory_is_told(make_data):
    # Who made the array then has fewer members train together: to go on would not fit, either.
    array = array_of(make_data(n=80), None, SETTINGS[:2])
    array.take_step.graphs = OutOfMemory()
    with pytest.raises(RuntimeError) as caught:
        array.train_epoch()  # of five steps
    assert is_out_of_memory(caught.value)
