"""Each loss made from a setting against its formula, with every term and option."""

import math
from types import SimpleNamespace

import pytest
import torch

from sweeper import losses
from sweeper.losses import combined_margin_logits, make_loss
from sweeper.registry.losses import LOSSES, loss_options, repository_losses
from sweeper.registry.setting import Setting, paper_default
from sweeper.registry.terms import TERMS, term_names
from sweeper.repository.recommendation.gain import Gain
from sweeper.repository.recommendation.recommendation import Recommendation
from tests.support.plans import PLAN

ALONE = [
    Setting("softmax"),
    Setting("normalized-softmax", scale=7.0),
    Setting("sphereface", m1=1.2, scale=11.0),
    Setting("cosface", m3=-0.1, scale=9.0),
    Setting("arcface", m2=0.45, scale=30.0),
    Setting("combined", m1=0.95, m2=0.2, m3=0.15, scale=5.0),
    Setting.of("a-softmax", {"m1": 3.0, "anneal_from": 6.0, "anneal_rate": 0.5, "anneal_to": 0.5}),
    Setting("adacos"),
    Setting("adacos-fixed"),
    Setting.of("triplet", {"margin": 0.4}),
    Setting.of("hard-triplet", {"margin": 0.3}),
    Setting.of("contrastive", {"margin": 0.8}),
]
MARGINS = [setting for setting in ALONE if setting.loss in repository_losses()]
OF_TERMS = {
    "center": {"lambda": 0.3},
    "sigma2r": {"lambda": 0.02, "n_neighbors": 2, "z": 11.0},
    "soft-nearest-neighbor": {"lambda": 0.6, "temperature": 2.5},
    "git": {"lambda_c": 0.2, "lambda_g": 0.7},
    "contrastive-center": {"lambda": 0.8, "delta": 0.4},
    "triplet-center": {"lambda": 0.5, "margin": 3.0},
    "triplet": {"lambda": 0.9, "margin": 0.35},
    "hard-triplet": {"lambda": 1.1, "margin": 0.25},
    "contrastive": {"lambda": 1.2, "margin": 0.7},
}


def cross_entropy(logits, labels):
    """Return the mean of ln Σ exp(z_j) - z_y."""
    rows = zip(logits.tolist(), labels.tolist(), strict=True)
    values = [math.log(sum(math.exp(z) for z in row)) - row[label] for row, label in rows]
    return sum(values) / len(values)


def cosines(loss, features):
    """Return cosines [B, C], the largest of all sub-centers."""
    weight = loss.weight.detach()
    lengths = features.norm(dim=1).view(-1, *(1,) * (weight.dim() - 1)) * weight.norm(dim=-1)
    cosine = torch.einsum("bd,c...d->bc...", features, weight) / lengths
    return cosine if cosine.dim() == 2 else cosine.amax(-1)


def expected(setting, loss, features, labels, step=0, training_steps=1):
    """The value of the loss without terms, in training mode after the given number of steps."""
    if setting.loss == "softmax":
        return cross_entropy(features @ loss.weight.detach().T + loss.bias.detach(), labels)
    if setting.loss in ("triplet", "hard-triplet"):
        mining = "hard" if setting.loss == "hard-triplet" else "semi-hard"
        return losses.triplet_loss(features, labels, setting["margin"], mining).item()
    if setting.loss == "contrastive":
        return losses.contrastive_loss(features, labels, setting["margin"]).item()
    cosine = cosines(loss, features)
    if setting.loss == "adacos-fixed":
        return cross_entropy(math.sqrt(2) * math.log(3) * cosine, labels)
    if setting.loss == "adacos":
        scale = losses.adacos_scale(cosine, labels, math.sqrt(2) * math.log(3))
        return cross_entropy(scale * cosine, labels)
    if setting.loss == "a-softmax":
        lam = max(
            setting["anneal_to"], setting["anneal_from"] / (1 + setting["anneal_rate"] * step)
        )
        logits = losses.a_softmax_logits(cosine, features.norm(dim=1), labels, setting.m1, lam)
        return cross_entropy(logits, labels)
    warm = setting["warmup"] * training_steps
    share = min(1.0, step / warm) if warm else 1.0
    margins = 1 + share * (setting.m1 - 1), share * setting.m2, share * setting.m3
    return cross_entropy(combined_margin_logits(cosine, labels, *margins, setting.scale), labels)


def expected_term(term, module, features, labels):
    of = SimpleNamespace(**OF_TERMS[term])
    weight = OF_TERMS[term].get("lambda", 1.0)
    centers = getattr(module, "centers", None)
    values = {
        "center": lambda: losses.center_loss(features, labels, centers),
        "sigma2r": lambda: losses.sigma2r_loss(
            features, labels, centers, module.growth, of.n_neighbors, of.z
        ),
        "soft-nearest-neighbor": lambda: losses.soft_nearest_neighbor_loss(
            features, labels, of.temperature
        ),
        "git": lambda: losses.git_loss(features, labels, centers, of.lambda_c, of.lambda_g),
        "contrastive-center": lambda: losses.contrastive_center_loss(
            features, labels, centers, of.delta
        ),
        "triplet-center": lambda: losses.triplet_center_loss(features, labels, centers, of.margin),
        "triplet": lambda: losses.triplet_loss(features, labels, of.margin, "semi-hard"),
        "hard-triplet": lambda: losses.triplet_loss(features, labels, of.margin, "hard"),
        "contrastive": lambda: losses.contrastive_loss(features, labels, of.margin),
    }
    return weight * values[term]().item()


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(3)
    features = torch.randn(12, 6, generator=generator, dtype=torch.float64)
    return features, torch.arange(12) % 4


def test_every_loss_is_covered():
    assert {setting.loss for setting in ALONE} == set(LOSSES)
    assert OF_TERMS.keys() == TERMS.keys()
    for term, own in OF_TERMS.items():
        assert own.keys() == TERMS[term].hyperparameters.keys()
        assert all(
            value != TERMS[term].hyperparameters[name].default for name, value in own.items()
        )


@pytest.mark.parametrize("setting", ALONE, ids=lambda setting: setting.loss)
def test_the_value_follows_the_hyperparameters(setting, batch):
    loss = make_loss(setting, 4, 6).double()
    # The scale of AdaCos starts in single precision.
    rel = 1e-7 if setting.loss.startswith("adacos") else 1e-12
    wanted = expected(setting, loss, *batch)
    assert loss(*batch).item() == pytest.approx(wanted, rel=rel)
    features = batch[0].requires_grad_()
    loss(features, batch[1]).backward()
    assert features.grad.abs().sum() > 0
    assert all(parameter.grad.abs().sum() > 0 for parameter in loss.parameters())


@pytest.mark.parametrize("setting", MARGINS, ids=lambda setting: setting.loss)
def test_a_recommendation_makes_its_own_loss(setting, batch):
    answer = Recommendation("accuracy", True, setting, Gain(0, 0, 0), {}, (), (), (), "", PLAN)
    loss = answer.loss(4, 6).double()
    assert type(loss) is type(make_loss(setting, 4, 6))
    assert loss(*batch).item() == pytest.approx(expected(setting, loss, *batch), rel=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_published_settings_can_be_made(loss, batch):
    assert make_loss(paper_default(loss), 4, 6).double()(*batch).isfinite()


@pytest.mark.parametrize("setting", ALONE, ids=lambda setting: setting.loss)
def test_logits_are_those_without_margin(setting, batch):
    features, _ = batch
    loss = make_loss(setting, 4, 6).double()
    if not LOSSES[setting.loss].has_classes:
        assert not hasattr(loss, "logits")
        return
    scale = setting.scale
    if setting.loss.startswith("adacos"):
        scale = math.sqrt(2) * math.log(3)
    if setting.loss == "a-softmax":
        scale = features.norm(dim=1, keepdim=True)
    if setting.loss == "softmax":
        wanted = features @ loss.weight.T + loss.bias
    else:
        wanted = scale * cosines(loss, features)
    torch.testing.assert_close(loss.logits(features), wanted, rtol=1e-7, atol=1e-9)


WITH_OPTIONS = [
    Setting.of(setting.loss, {**{n: setting[n] for n in LOSSES[setting.loss].margins}, **options})
    for setting in MARGINS
    for options in (
        {"subcenters": 3},
        {"learn_scale": 1},
        {"warmup": 0.5},
        {"subcenters": 3, "learn_scale": 1, "warmup": 0.3},
    )
    if options.keys() <= set(LOSSES[setting.loss].options)
]


@pytest.mark.parametrize("setting", WITH_OPTIONS, ids=lambda setting: setting.describe())
def test_options_are_passed_on(setting, batch):
    loss = make_loss(setting, 4, 6, training_steps=10).double()
    assert loss.weight.shape == ((4, 3, 6) if setting["subcenters"] == 3 else (4, 6))
    assert ("log_scale" in dict(loss.named_parameters())) == bool(setting["learn_scale"])
    rel = 1e-6 if setting["learn_scale"] else 1e-12  # its logarithm is rounded to float32
    for step in range(7):
        wanted = expected(setting, loss, *batch, step, 10)
        assert loss(*batch).item() == pytest.approx(wanted, rel=rel)
    wanted = expected(setting, loss, *batch, 10, 10)
    assert loss.eval()(*batch).item() == pytest.approx(wanted, rel=rel)
    if setting["learn_scale"]:
        loss.log_scale.data.fill_(math.log(3.0))
        torch.testing.assert_close(loss.logits(batch[0]), 3 * cosines(loss, batch[0]))


def test_every_option_is_covered():
    tried = {name for setting in ALONE + WITH_OPTIONS for name in loss_options() if setting[name]}
    assert tried == set(loss_options())


def test_annealing_advances_with_each_step(batch):
    (setting,) = (s for s in ALONE if s.loss == "a-softmax")
    loss = make_loss(setting, 4, 6).double()
    for step in range(30):  # until λ reaches its minimum
        assert loss(*batch).item() == pytest.approx(
            expected(setting, loss, *batch, step), rel=1e-12
        )


@pytest.mark.parametrize("setting", ALONE, ids=lambda setting: setting.loss)
@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_added_as_often_as_its_weight_says(setting, term, batch):
    own = {name: setting[name] for name in LOSSES[setting.loss].margins}
    own |= {name: setting[name] for name in LOSSES[setting.loss].options}
    own |= {f"{term}.{name}": value for name, value in OF_TERMS[term].items()}
    both = make_loss(Setting.of(setting.loss, own), 4, 6).double()
    of_loss = expected(setting, both.loss, *batch)
    of_term = expected_term(term, both.terms[term], *batch)
    assert of_term > 0.01
    assert both(*batch).item() == pytest.approx(of_loss + of_term, rel=1e-7)


def test_all_terms_at_once(batch):
    values = {f"{term}.{name}": v for term, own in OF_TERMS.items() for name, v in own.items()}
    both = make_loss(Setting.of("softmax", values), 4, 6).double()
    assert list(both.terms) == list(TERMS)
    parts = [expected_term(term, module, *batch) for term, module in both.terms.items()]
    total = expected(Setting("softmax"), both.loss, *batch) + sum(parts)
    assert both(*batch).item() == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("term", TERMS)
def test_terms_alone_have_their_defaults(term):
    setting = Setting.of("softmax", {}, [term])
    assert setting.terms == (term,)
    both = make_loss(setting, 4, 6)
    names = [name for name in term_names(term) if name.endswith(".lambda")]
    assert both.lambdas == {term: TERMS[term].hyperparameters["lambda"].default if names else 1.0}


def test_a_warm_up_needs_a_number_of_steps():
    with pytest.raises(ValueError, match="say how many steps it has"):
        make_loss(Setting.of("arcface", {"warmup": 0.1}), 4, 6)


@pytest.mark.parametrize("loss", ["adacos", "adacos-fixed"])
def test_adacos_refuses_two_classes(loss):
    with pytest.raises(ValueError, match=r"^AdaCos needs at least 3 classes, got 2"):
        make_loss(Setting(loss), 2, 6)


@pytest.mark.parametrize(("sizes", "named"), [((1, 6), "num_classes"), ((4, 0), "embedding_size")])
def test_too_small_sizes_are_rejected(sizes, named):
    for setting in ALONE:
        if LOSSES[setting.loss].has_classes:  # those have no weights of a size
            with pytest.raises(ValueError, match=named):
                make_loss(setting, *sizes)


def test_a_mapping_as_exported_makes_the_loss_of_its_setting(batch):
    setting = Setting.of("arcface", {"m2": 0.3, "scale": 16.0, "center.lambda": 0.01})
    values = {name: setting[name] for name in setting.names}
    exported = {"loss": "arcface", "beside": ["center"], **values}
    torch.manual_seed(0)
    one = make_loss(setting, 4, 6).double()
    torch.manual_seed(0)
    other = make_loss(exported, 4, 6).double()
    assert torch.equal(one(*batch), other(*batch))
    with pytest.raises(ValueError, match='names its "loss"'):
        make_loss({"setting": exported}, 4, 6)
