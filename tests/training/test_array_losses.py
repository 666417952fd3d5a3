"""Every loss and every term in one array, against separate plain runs of the formulas."""

from dataclasses import replace

import pytest
import torch

from sweeper import models
from sweeper.losses import CenterLoss, NearestMean, SoftmaxLoss, make_loss
from sweeper.registry.losses import LOSSES, loss_options
from sweeper.registry.setting import Setting
from sweeper.registry.terms import TERMS, term_names
from sweeper.training import FusedTrainer, TrainerGroup, TrainingRecipe, measure, trainer_group
from sweeper.training.criterion import draw_initial_state


def of(loss, beside=(), **values):
    return Setting.of(loss, {name.replace("__", "."): v for name, v in values.items()}, beside)


def with_term(loss, term, lr=3e-3, term_lr=0.05, **values):
    """A setting with a term that has these hyperparameters; λ stands for lambda."""
    named = {f"{term}.{name.replace('λ', 'lambda')}": value for name, value in values.items()}
    own = {"softmax": {}, "arcface": {"m2": 0.3, "scale": 8}}[loss]
    return Setting.of(loss, {**own, **named, "lr": lr, "term_lr": term_lr})


LOSSES_ALONE = [
    of("softmax", lr=3e-3),
    of("softmax", lr=1e-3, weight_decay=0.1),
    of("normalized-softmax", scale=9.0, lr=2e-3),
    of("sphereface", m1=1.2, scale=11.0, lr=2e-3),
    of("cosface", m3=-0.1, scale=9.0, weight_decay=0.3),
    of("arcface", m2=0.45, scale=20.0, lr=4e-3),
    of("combined", m1=0.95, m2=0.2, m3=0.15, scale=5.0, lr=5e-3, weight_decay=0.01),
    of("a-softmax", m1=4.0, anneal_from=3.0, anneal_rate=0.5, anneal_to=0.2, lr=2e-3),
    of("a-softmax", m1=1.5),
    of("adacos", lr=3e-3),
    of("adacos", lr=1e-3, weight_decay=0.1),
    of("adacos-fixed", lr=2e-3),
    of("triplet", margin=0.3, lr=2e-3),
    of("triplet", margin=0.1, lr=1e-3),
    of("hard-triplet", margin=0.5, lr=2e-3),
    of("contrastive", margin=0.7, lr=1e-3, weight_decay=0.1),
]
WITH_OPTIONS = [
    of("arcface", m2=0.3, scale=8.0, subcenters=3, lr=2e-3),
    of("cosface", m3=0.2, scale=6.0, subcenters=3, lr=3e-3),
    of("arcface", m2=0.3, scale=8.0, learn_scale=1, lr=0.02, weight_decay=0.5),
    of("normalized-softmax", scale=4.0, learn_scale=1, lr=0.01),
    of("combined", m1=1.3, m2=0.2, m3=0.1, scale=8.0, warmup=0.5, lr=2e-3),
    of("sphereface", m1=1.3, scale=8.0, warmup=0.3, lr=2e-3),
    of("arcface", m2=0.4, scale=8.0, subcenters=3, learn_scale=1, warmup=0.5, lr=3e-3),
]
WITH_TERMS = [
    with_term("softmax", "center", λ=0.3),
    with_term("softmax", "center", λ=0.05, term_lr=0.5, lr=1e-3),
    with_term("softmax", "sigma2r", λ=0.02, n_neighbors=2, z=10.0),
    with_term("softmax", "sigma2r", λ=0.01, n_neighbors=7, z=40.0, term_lr=0.1),
    with_term("softmax", "sigma2r", λ=0.03, n_neighbors=2, z=3.0),
    with_term("softmax", "soft-nearest-neighbor", λ=0.5, temperature=3.0),
    with_term("softmax", "git", λ_c=0.2, λ_g=0.7),
    with_term("softmax", "contrastive-center", λ=0.4, delta=0.5),
    with_term("softmax", "triplet-center", λ=0.3, margin=2.0),
    with_term("softmax", "triplet", λ=0.7, margin=0.3),
    with_term("softmax", "hard-triplet", λ=0.7, margin=0.3),
    with_term("softmax", "contrastive", λ=0.7, margin=0.9),
    with_term("arcface", "center", λ=0.2),
    with_term("arcface", "sigma2r", λ=0.02, n_neighbors=2, z=20.0),
    with_term("arcface", "git", λ_c=0.1, λ_g=0.3),
    with_term("arcface", "triplet", λ=0.4, margin=0.1),
    of("arcface", ("center", "contrastive"), m2=0.2, scale=8.0, subcenters=3, learn_scale=1),
    of("triplet", ("center",), margin=0.2, center__lambda=0.3, term_lr=0.1, weight_decay=0.2),
    of("adacos", ("triplet-center", "soft-nearest-neighbor"), lr=2e-3),
]
EVERYTHING = LOSSES_ALONE + WITH_OPTIONS + WITH_TERMS


def test_everything_is_here():
    assert {setting.loss for setting in LOSSES_ALONE} == set(LOSSES)
    beside_softmax = {t for s in WITH_TERMS if s.loss == "softmax" for t in s.terms}
    assert beside_softmax == set(TERMS)
    assert {name for setting in EVERYTHING for name in loss_options() if setting[name]} == set(
        loss_options()
    )


def test_a_mixed_array_gives_what_separate_runs_give(make_data, compare):
    """Every other setting leaves after an epoch, and then all margin losses and σ²R terms."""
    first = range(0, len(EVERYTHING), 2)
    chosen = [EVERYTHING[k] for k in first]
    then = [
        k
        for k, setting in enumerate(chosen)
        if setting.loss in ("softmax", "adacos", "triplet") and "sigma2r" not in setting.terms
    ]
    leave = [list(first), then, [0, 2]]
    array = compare(make_data(classes=4), EVERYTHING, [0, 3], "compact", 4, leave=leave)
    assert array.shape == (2, 2)


def test_so_do_the_other_half_of_it_and_embeddings(make_data, compare):
    odd = list(range(1, len(EVERYTHING), 2))
    compare(make_data((6,), classes=5), EVERYTHING, [1], "mlp", 2, leave=[odd])


@pytest.mark.parametrize("loss", ["softmax", "arcface"])
@pytest.mark.parametrize("term", TERMS)
def test_a_term_that_counts_nothing_changes_nothing(make_data, loss, term):
    nothing = {name: 0.0 for name in term_names(term) if ".lambda" in name}
    assert nothing
    plain, beside = Setting.of(loss, {}), Setting.of(loss, nothing)
    with_it = FusedTrainer(
        make_data(), [plain, beside], [0, 1], TrainingRecipe("compact", 4, 2, 16)
    )
    without = FusedTrainer(make_data(), [plain, plain], [0, 1], TrainingRecipe("compact", 4, 2, 16))
    for _ in range(2):
        assert with_it.train_epoch().equal(without.train_epoch())
    for r in range(2):
        (net, states), (same_net, same) = with_it.member_state(r, 1), without.member_state(r, 1)
        assert all(net[name].equal(value) for name, value in same_net.items())
        assert all(states[f"loss.{name}"].equal(value) for name, value in same.items())


def test_a_part_starts_the_same_whichever_others_there_are(make_data):
    mixed = FusedTrainer(
        make_data(classes=4), EVERYTHING, [0, 7], TrainingRecipe("compact", 4, 1, 16)
    )
    for k, setting in enumerate(EVERYTHING):
        alone = FusedTrainer(
            make_data(classes=4), [setting], [7], TrainingRecipe("compact", 4, 1, 16)
        )
        ours, theirs = mixed.criterion.member_state(len(EVERYTHING) + k), alone.criterion
        for name, value in theirs.member_state(0).items():
            assert ours[name].equal(value), (setting, name)


def test_classifiers_of_a_seed_start_alike_and_so_do_centers(make_data):
    array = FusedTrainer(
        make_data(classes=4), EVERYTHING, [0, 7], TrainingRecipe("compact", 4, 1, 16)
    )
    weights, centers = {0: [], 1: []}, {0: [], 1: []}
    for member in range(2 * len(EVERYTHING)):
        for name, value in array.criterion.member_state(member).items():
            if name.endswith("weight") and value.dim() == 2:
                weights[member // len(EVERYTHING)].append(value)
            if name.endswith("centers"):
                centers[member // len(EVERYTHING)].append(value)
    for starts in (weights, centers):
        assert len(starts[0]) == len(starts[1]) > 10
        assert all(value.equal(of_seed[0]) for of_seed in starts.values() for value in of_seed)
        assert not starts[0][0].equal(starts[1][0])


def test_centers_and_growth_start_from_a_normal_of_their_own():
    settings = [Setting.of("softmax", {}, ["sigma2r"])]
    drawn = []
    for seed in range(10):
        torch.manual_seed(seed)
        loss, term = draw_initial_state(settings, 40, 50).modules.values()
        drawn.append((loss.weight.flatten(), term.centers.flatten(), term.growth))
    weight, centers, growth = (torch.cat(each).detach() for each in zip(*drawn, strict=True))
    for sample, error in ((centers, 0.03), (growth, 0.2)):  # four standard errors of the mean
        assert abs(sample.mean().item()) < error
        assert sample.std().item() == pytest.approx(1, abs=error)
    # In PyTorch's blocks of eight too, in which it makes normal numbers of uniform ones.
    for half in (slice(0, 8), slice(8, 16)):
        blocks = [each.view(-1, 16)[:, half].flatten() for each in (weight, centers)]
        assert torch.corrcoef(torch.stack(blocks))[0, 1].abs() < 0.04


def test_the_start_does_not_shift_with_the_global_generator(make_data):
    array = FusedTrainer(
        make_data(),
        [Setting.of("arcface", {}, ["center"])],
        [0],
        TrainingRecipe("compact", 4, 1, 16),
    )
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    array.member_state(0, 0)
    assert torch.rand(2).equal(expected)


# What a member leaves with


@pytest.mark.parametrize("kept", [None, "every other"])
def test_a_members_weights_are_those_of_its_own_loss(make_data, kept):
    data = make_data(classes=4)
    array = FusedTrainer(data, EVERYTHING, [0, 3], TrainingRecipe("compact", 4, 2, 16))
    array.train_epoch()
    if kept:
        array.keep(range(1, len(EVERYTHING), 2))
    array.train_epoch()
    features, labels = array.embed(data.measured.inputs), data.measured.labels
    logits = array.logits(features)
    together = array.criterion.eval()(features, labels.expand(len(features), -1))
    for r in range(2):
        for k, setting in enumerate(array.settings):
            member = r * len(array.settings) + k
            net = models.build("compact", (1, 8, 8), 4).double()
            loss = make_loss(setting, 4, 4, 2 * array.steps).double().eval()
            loss.load_state_dict(array.criterion.member_state(member), strict=True)
            net_state, loss_state = array.member_state(r, k)
            net.load_state_dict(net_state, strict=True)
            x = net.eval()(data.batch(data.measured.inputs))
            torch.testing.assert_close(x, features[member], rtol=0, atol=1e-12)
            value = loss(x, labels)
            torch.testing.assert_close(value, together[member], rtol=0, atol=1e-11)
            if not LOSSES[setting.loss].has_classes:
                classifier = NearestMean(4, 4).double()
                classifier.load_state_dict(loss_state, strict=True)
            else:
                classifier = loss
                assert all(loss_state[name].equal(v) for name, v in loss.state_dict().items())
            torch.testing.assert_close(classifier.logits(x), logits[member], rtol=0, atol=1e-11)


def test_class_values_are_told_by_seed_and_setting(make_data, monkeypatch):
    settings = [LOSSES_ALONE[0], *(s for s in WITH_TERMS if "sigma2r" in s.terms)]
    settings.insert(2, LOSSES_ALONE[5])
    data = make_data(classes=4)
    array = FusedTrainer(data, settings, [0, 1, 2], TrainingRecipe("compact", 4, 3, 16))
    monkeypatch.setattr(trainer_group, "fitting_members", lambda *_: 2 * len(settings))
    apart = TrainerGroup(data, settings, [0, 1, 2], TrainingRecipe("compact", 4, 3, 16))
    assert len(apart.trainers) == 2

    def check(places):
        told, of_apart = array.class_values(), apart.class_values()
        assert sorted(told) == sorted(of_apart) == [(r, k) for r in range(3) for k in places]
        for (r, k), values in told.items():
            member = array.criterion.member_state(r * len(array.settings) + k)
            assert values.keys() == of_apart[r, k].keys() == {"sigma2r.growth"}
            growth = values["sigma2r.growth"]
            assert growth.equal(member["terms.sigma2r.growth"])
            torch.testing.assert_close(of_apart[r, k]["sigma2r.growth"], growth, rtol=0, atol=1e-11)

    check([1, 3, 4, 5])
    for kept, places in (([0, 1, 2, 4, 5], [1, 3, 4]), ([0, 2, 3], [2]), ([0, 1], [])):
        array.train_epoch()
        apart.train_epoch()
        array.keep(kept)
        apart.keep(kept)
        check(places)


def test_any_loss_or_term_may_tell_of_its_classes(make_data, monkeypatch):
    told = {
        SoftmaxLoss: lambda loss: {"size": loss.weight.norm(dim=-1)},
        CenterLoss: lambda term: {"size": term.centers.norm(dim=-1)},
    }
    for module, values in told.items():
        monkeypatch.setattr(module, "class_values", values, raising=False)
    settings = [Setting("softmax"), Setting("arcface"), Setting.of("softmax", {}, ["center"])]
    array = FusedTrainer(
        make_data(classes=4), settings, [0, 1], TrainingRecipe("compact", 4, 2, 16)
    )
    found = array.class_values()
    assert {place: list(values) for place, values in found.items()} == {
        (r, k): ["size", "center.size"][: k + 1 - k // 2] for r in range(2) for k in (0, 2)
    }
    state = array.criterion.member_state(5)
    size = state["loss.weight"].norm(dim=-1), state["terms.center.centers"].norm(dim=-1)
    assert all(value.equal(size[i]) for i, value in enumerate(found[1, 2].values()))


def test_class_values_do_not_follow_further_training_once_they_are_noted(make_data):
    array = FusedTrainer(make_data(), [WITH_TERMS[2]], [0], TrainingRecipe("compact", 4, 2, 16))
    noted = array.class_values()[0, 0]["sigma2r.growth"]
    before = noted.tolist()
    array.train_epoch()
    assert noted.tolist() == before
    assert array.class_values()[0, 0]["sigma2r.growth"].tolist() != before


# Batches that are hard to learn from


def test_batches_without_a_class_or_with_one_of_it(make_data, compare):
    data = make_data(classes=4, n=13)  # batches of 3, of four classes
    compare(data, EVERYTHING, [0], "compact", 2, batch_size=3)


def test_a_batch_of_one_sample(make_data):
    array = FusedTrainer(
        make_data(classes=4, n=4), EVERYTHING, [0], TrainingRecipe("compact", 4, 2, 1)
    )
    assert array.train_epoch().isfinite().all()
    assert array.train_epoch().isfinite().all()


def test_two_classes(make_data, compare):
    settings = [setting for setting in EVERYTHING if not setting.loss.startswith("adacos")]
    compare(make_data(classes=2), settings, [0], "compact", 2)


@pytest.mark.parametrize("loss", ["adacos", "adacos-fixed"])
def test_adacos_refuses_two_classes_in_one_line(make_data, loss):
    message = "^AdaCos needs at least 3 classes, got 2: with two the scale is 0$"
    with pytest.raises(ValueError, match=message):
        FusedTrainer(
            make_data(classes=2),
            [LOSSES_ALONE[0], of(loss)],
            [0],
            TrainingRecipe("compact", 4, 1, 16),
        )


def test_equal_embeddings_have_finite_losses_and_gradients(make_data):
    data = make_data(classes=4)
    for samples in (data.train, data.validation, data.measured):
        samples.inputs[:] = 7
    array = FusedTrainer(data, EVERYTHING, [0], TrainingRecipe("compact", 4, 2, 16))
    for _ in range(2):
        assert array.train_epoch().isfinite().all()
    for k in range(len(EVERYTHING)):
        for state in array.member_state(0, k):
            assert all(value.isfinite().all() for value in state.values())
    measures = measure(array, ["accuracy"])
    assert measures.values["accuracy"].isfinite().all()


def test_a_member_that_diverges_leaves_the_others_alone(make_data):
    data = make_data(classes=4)
    wild = replace(WITH_TERMS[0], lr=1e300)
    array = FusedTrainer(data, [*EVERYTHING, wild], [0], TrainingRecipe("compact", 4, 3, 16))
    calm = FusedTrainer(data, EVERYTHING, [0], TrainingRecipe("compact", 4, 3, 16))
    for _ in range(3):
        losses, expected = array.train_epoch(), calm.train_epoch()
        array.logits(array.embed(data.measured.inputs))
    assert not losses[0, -1].isfinite()
    torch.testing.assert_close(losses[:, :-1], expected, rtol=0, atol=1e-12)


# What it costs


def test_features_are_not_copied_for_what_all_members_have(make_data):
    settings = [of("arcface", ("center",), m2=0.1 * k) for k in range(3)]
    array = FusedTrainer(make_data(), settings, [0, 1], TrainingRecipe("compact", 4, 1, 16))
    seen = []
    for module in array.criterion.group_modules.values():
        module.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    features, labels = torch.rand(6, 5, 4).double(), torch.arange(5).expand(6, 5) % 3
    array.criterion(features, labels)
    assert [given.data_ptr() for given in seen] == [features.data_ptr()] * 2
    array.criterion.logits(features)


def test_nor_for_a_part_whose_members_alone_are_left(make_data):
    array = FusedTrainer(make_data(), WITH_TERMS[:3], [0], TrainingRecipe("compact", 4, 1, 16))
    array.keep([0, 1])
    seen = []
    for module in array.criterion.group_modules.values():
        module.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    features, labels = torch.rand(2, 5, 4).double(), torch.arange(5).expand(2, 5) % 3
    array.criterion(features, labels)
    assert [given.data_ptr() for given in seen] == [features.data_ptr()] * 2
