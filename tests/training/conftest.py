"""Data that can be learned, and training as plain loops to compare an array with."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as vision

from sweeper import models
from sweeper.losses import triplet_loss
from sweeper.training import FusedTrainer, Samples, TrainingData, TrainingRecipe
from sweeper.training.balanced_batches import balanced_batches
from sweeper.training.batching import batches, draws
from sweeper.training.protocol import USUAL


@pytest.fixture
def make_data():
    """Blobs of images, or of embeddings, that can be learned; float64 unless told."""

    def make(shape=(1, 8, 8), classes=3, n=60, dtype=torch.float64, held_out=False):
        generator = torch.Generator().manual_seed(1)
        centers = torch.rand(classes, *shape, generator=generator) * 160

        def samples(count):
            labels = torch.arange(count) % classes
            noise = torch.rand(count, *shape, generator=generator) * 95
            inputs = centers[labels] + noise
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


def normalized(vectors):
    return vectors / vectors.norm(dim=-1, keepdim=True)


def psi(theta, m1, m2):
    phi = m1 * theta + m2
    k = torch.floor(phi / math.pi).clamp(min=0)
    return (1 - 2 * (k % 2)) * torch.cos(phi) - 2 * k


class PlainLoss:
    """The loss of a setting with its terms, as the formulas have it, and what it learns."""

    def __init__(self, setting, num_classes, size, steps):
        self.setting, self.steps, self.step = setting, steps, 0
        start = torch.get_rng_state()
        classifier = nn.Linear(size, num_classes)
        self.learned = {"weight": classifier.weight, "bias": classifier.bias}
        if setting["subcenters"] > 1:
            torch.set_rng_state(start)
            stacked = torch.empty(num_classes, int(setting["subcenters"]), size)
            self.learned["weight"] = stacked.uniform_(-(size**-0.5), size**-0.5)
        torch.set_rng_state(start)
        torch.manual_seed(int(torch.randint(2**62, ())))
        self.learned["centers"] = torch.randn(num_classes, size)
        torch.set_rng_state(start)
        torch.manual_seed(int(torch.randint(2**62, ())))
        torch.randn(num_classes, size)
        self.learned["growth"] = torch.randn(num_classes)
        self.learned = {name: each.detach().double() for name, each in self.learned.items()}
        self.learned["log_scale"] = torch.tensor(math.log(setting.scale), dtype=torch.float64)
        for each in self.learned.values():
            each.requires_grad_()
        # AdaCos keeps its scale in single precision until it is told another.
        self.scale = torch.tensor(math.sqrt(2) * math.log(num_classes - 1)).item()

    def __call__(self, x, y):
        self.step += 1
        total = self.alone(x, y)
        for term in self.setting.terms:
            total = total + self.term(term, x, y)
        return total

    def logits(self, x):
        """Without margin; of losses that classify."""
        match self.setting.loss:
            case "softmax":
                return x @ self.learned["weight"].T + self.learned["bias"]
            case "a-softmax":
                return x.norm(dim=1, keepdim=True) * self.cosine(x)
            case "adacos" | "adacos-fixed":
                return self.scale * self.cosine(x)
            case _ if self.setting["learn_scale"]:
                return self.learned["log_scale"].exp() * self.cosine(x)
            case _:
                return self.setting.scale * self.cosine(x)

    def cosine(self, x):
        cosine = torch.einsum("bd,c...d->bc...", normalized(x), normalized(self.learned["weight"]))
        return cosine if cosine.dim() == 2 else cosine.max(dim=-1).values

    def alone(self, x, y):
        setting, rows, t = self.setting, torch.arange(len(y)), self.step - 1
        match setting.loss:
            case "softmax" | "adacos-fixed":
                return F.cross_entropy(self.logits(x), y)
            case "triplet" | "hard-triplet":
                mining = "hard" if setting.loss == "hard-triplet" else "semi-hard"
                return triplet_loss(x, y, setting["margin"], mining)
            case "contrastive":
                return contrastive(x, y, setting["margin"])
        cosine = self.cosine(x)
        own = cosine[rows, y]
        if setting.loss == "adacos":
            with torch.no_grad():
                others = (self.scale * cosine).exp().sum(dim=1) - (self.scale * own).exp()
                middle = own.acos().sort().values
                middle = (middle[(len(y) - 1) // 2] + middle[len(y) // 2]) / 2
                self.scale = (
                    (others.mean().log() / middle.clamp(max=math.pi / 4).cos())
                    .clamp(2**-10, 2**10)
                    .item()
                )
            return F.cross_entropy(self.scale * cosine, y)
        p = min(1.0, t / (setting["warmup"] * self.steps)) if setting["warmup"] else 1.0
        m1 = 1 + p * (setting.m1 - 1)
        target = psi(own.acos(), m1, p * setting.m2) - p * setting.m3
        if setting.loss == "a-softmax":
            lam = setting["anneal_from"] / (1 + setting["anneal_rate"] * t)
            lam = max(setting["anneal_to"], lam)
            target = (lam * own + target) / (1 + lam)
        elif t == 0 and setting["warmup"]:
            target = own
        scaled = cosine.index_put((rows, y), target)
        if setting.loss == "a-softmax":
            return F.cross_entropy(x.norm(dim=1, keepdim=True) * scaled, y)
        scale = self.learned["log_scale"].exp() if setting["learn_scale"] else setting.scale
        return F.cross_entropy(scale * scaled, y)

    def term(self, term, x, y):
        """A term with its λ."""
        centers, of = self.learned["centers"], {}
        for name, value in self.setting.options:
            if name.startswith(f"{term}."):
                of[name.rpartition(".")[2]] = value
        own = (x - centers[y]).square().sum(dim=1)
        every = (x.unsqueeze(1) - centers).square().sum(dim=2)
        different = F.one_hot(y, len(centers)) == 0
        match term:
            case "center":
                return of["lambda"] * 0.5 * own.mean()
            case "sigma2r":
                betas = sigma2r_betas(
                    x, y, centers, self.learned["growth"], int(of["n_neighbors"]), of["z"]
                )
                return of["lambda"] * (torch.stack(betas) * own).mean()
            case "git":
                pairs = [(i, j) for i in range(len(y)) for j in range(len(y)) if y[i] != y[j]]
                push = [1 / (1 + (x[i] - centers[y[j]]).square().sum()) for i, j in pairs]
                push = torch.stack(push).mean() if push else 0.0
                return of["lambda_c"] * 0.5 * own.mean() + of["lambda_g"] * push
            case "contrastive-center":
                apart = (every * different).sum(dim=1) + of["delta"]
                return of["lambda"] * 0.5 * (own / apart).mean()
            case "triplet-center":
                nearest = every.masked_fill(~different, math.inf).min(dim=1).values
                return of["lambda"] * (of["margin"] + own / 2 - nearest / 2).clamp(min=0).mean()
            case "soft-nearest-neighbor":
                return of["lambda"] * soft_nearest_neighbor(x, y, of["temperature"])
            case "contrastive":
                return of["lambda"] * contrastive(x, y, of["margin"])
            case "triplet" | "hard-triplet":
                mining = "hard" if term == "hard-triplet" else "semi-hard"
                return of["lambda"] * triplet_loss(x, y, of["margin"], mining)
        raise AssertionError(term)


def sigma2r_betas(x, y, centers, growth, n, z):
    """β of each sample: La Grassa et al. 2021, equations 8 to 10."""
    betas = []
    for i in range(len(y)):
        mates = [j for j in range(len(y)) if y[j] == y[i]]
        others = [j for j in mates if j != i]
        if not others:
            betas.append(z / 2 + 0 * growth[y[i]])
            continue
        around_x = (x[i] - x[others]).square().sum(dim=1).sort().values[:n].mean()
        around_c = (centers[y[i]] - x[mates]).square().sum(dim=1).sort().values[:n].mean()
        rate = 1e-3 + z / (1 + (-growth[y[i]]).exp())
        sigmas = (around_x + 1e-12).sqrt() - (around_c + 1e-12).sqrt()
        betas.append(z / (1 + (-rate * sigmas).exp()))
    return betas


def soft_nearest_neighbor(x, y, temperature):
    values = []
    for i in range(len(y)):
        others = [j for j in range(len(y)) if j != i]
        mates = [j for j in others if y[j] == y[i]]
        if mates:
            near = (-(x[i] - x).square().sum(dim=1) / temperature).exp()
            values.append(-(near[mates].sum() / near[others].sum()).log())
    return torch.stack(values).mean() if values else 0 * x.sum()


def contrastive(x, y, margin):
    unit, values = normalized(x), []
    for i in range(len(y)):
        for j in range(i + 1, len(y)):
            d = ((unit[i] - unit[j]).square().sum() + 1e-12).sqrt()
            values.append(d if y[i] == y[j] else (margin - d).clamp(min=0))
    return torch.stack(values).mean()


@pytest.fixture(scope="session")
def plain_run():
    """One trial as anybody writes it, see `_plain_run`."""
    return _plain_run


def _plain_run(data, setting, seed, net, embedding, epochs, batch_size, protocol=USUAL, drawn=None):
    """Train one setting with one seed: optimizers of PyTorch, the formulas, a loop over batches.

    An epoch draws `drawn` samples, or all. Yields after each epoch the mean loss, the features of
    the measured samples, their logits, and what the loss has learned.
    """
    torch.manual_seed(seed)
    shape = tuple(data.train.inputs.shape[1:])
    module = models.build(net, shape, embedding)
    size, n = models.embedding_size(module, shape), len(data.train)
    if protocol.per_class:
        steps = math.ceil((drawn or n) / (protocol.per_class * data.num_classes))
    else:
        steps = math.ceil((drawn or n) / batch_size)
    loss_of = PlainLoss(setting, data.num_classes, size, epochs * steps)
    module, learned = module.to(data.dtype), loss_of.learned
    decayed = [*module.parameters(), learned["weight"], learned["bias"]]
    groups = [{"params": decayed}, {"params": [learned["log_scale"]], "weight_decay": 0.0}]
    adamw = torch.optim.AdamW(groups, weight_decay=setting.weight_decay)
    adam = torch.optim.Adam([learned["centers"], learned["growth"]])
    for epoch in range(epochs):
        total = 0.0
        module.train()
        if protocol.per_class:
            indices = balanced_batches(data.train.labels, protocol.per_class, [seed], epoch, drawn)
        else:
            indices = batches(n, batch_size, [seed], epoch, data.device, drawn)
        for step, (index,) in enumerate(indices):
            done = epoch * steps + step
            images = data.train.inputs[index].to(data.dtype)
            x = (_changed(images, protocol.augmentation, seed, done) - data.mean) / data.std
            y = data.train.labels[index]
            torch.manual_seed(draws([seed], done)[0])  # for dropout
            loss = loss_of(module(x), y)
            share = epoch / epochs if protocol.decay == "epoch" else done / (epochs * steps)
            factor = 0.5 * (1 + math.cos(math.pi * share))
            for group in adamw.param_groups:
                group["lr"] = setting.lr * factor
            adam.param_groups[0]["lr"] = setting["term_lr"] * factor
            adamw.zero_grad()
            adam.zero_grad()
            loss.backward()
            adamw.step()
            adam.step()
            total += loss.item()
        module.eval()
        with torch.no_grad():
            features = module((data.measured.inputs.to(data.dtype) - data.mean) / data.std)
            if setting.loss in ("triplet", "hard-triplet", "contrastive"):
                trained = module((data.train.inputs.to(data.dtype) - data.mean) / data.std)
                logits = -_from_class_means(features, trained, data.train.labels)
            else:
                logits = loss_of.logits(features)
        copies = {name: each.detach().clone() for name, each in learned.items()}
        copies["scale"] = torch.tensor(loss_of.scale, dtype=data.dtype)
        yield total / steps, features, logits, copies


def _changed(images, augmentation, seed, step):
    """The images of a batch, augmented one by one by torchvision."""
    if not augmentation:
        return images
    changes = augmentation.draw([seed], step, len(images))
    changed = []
    for image, top, left, angle, horizontal, vertical in zip(
        images, *(each.tolist() for each in changes), strict=True
    ):
        pad, size = [augmentation.crop], image.shape[1:]
        image = vision.crop(vision.pad(image, pad), top, left, *size)
        image = vision.rotate(image, math.degrees(angle), InterpolationMode.BILINEAR)
        image = vision.horizontal_flip(image) if horizontal else image
        changed.append(vision.vertical_flip(image) if vertical else image)
    return torch.stack(changed)


def _from_class_means(features, trained, labels):
    """Squared distances at unit length to the mean of each class's training samples."""
    distances = []
    for label in range(int(labels.max()) + 1):
        members = [normalized(x) for x, y in zip(trained, labels, strict=True) if y == label]
        mean = sum(members) / len(members)
        distances.append((normalized(features) - mean).square().sum(dim=1))
    return torch.stack(distances, dim=1)


@pytest.fixture(scope="session")
def compare():
    """Hold an array against plain runs, see `_compare`."""
    return _compare


def _compare(
    data,
    settings,
    seeds,
    net,
    epochs,
    leave=(),
    batch_size=16,
    protocol=USUAL,
    features_atol=1e-10,
    logits_atol=1e-10,
):
    """Hold an array against plain runs each epoch; `leave` names who stays after each."""
    array = FusedTrainer(
        data, settings, seeds, TrainingRecipe(net, 4, epochs, batch_size, protocol)
    )
    how = net, 4, epochs, batch_size, protocol
    plain = {
        (setting, seed): _plain_run(data, setting, seed, *how)
        for setting in settings
        for seed in seeds
    }
    for epoch in range(epochs):
        losses = array.train_epoch()
        features = array.embed(data.measured.inputs)
        logits, told_of_classes = array.logits(features), array.class_values()
        for k, setting in enumerate(array.settings):
            for r, seed in enumerate(seeds):
                loss, embedded, classified, learned = next(plain[setting, seed])
                about, member = f"{setting.describe()}, epoch {epoch}", r * len(array.settings) + k
                assert losses[r, k].item() == pytest.approx(loss, rel=1e-10, abs=1e-10), about
                found, wanted = {"features": features[member]}, {"features": embedded}
                for key, value in array.criterion.member_state(member).items():
                    name = key.rpartition(".")[2]
                    if name != "step":
                        found[key], wanted[key] = value, learned[name]
                if "sigma2r" in setting.terms:
                    found["growth"] = told_of_classes[r, k]["sigma2r.growth"]
                    wanted["growth"] = learned["growth"]
                assert ((r, k) in told_of_classes) == ("sigma2r" in setting.terms)
                assert_all_close(found, wanted, about, features_atol)
                told = {"logits": logits[member]}
                assert_all_close(told, {"logits": classified}, about, logits_atol)
        if epoch < len(leave):
            array.keep(leave[epoch])
    return array


def assert_all_close(found, wanted, about, atol=1e-10):
    """Compare tensors of one name; `about` says in a failure whose they are."""
    for name, value in found.items():
        try:
            torch.testing.assert_close(value, wanted[name], rtol=1e-10, atol=atol)
        except AssertionError as error:
            raise AssertionError(f"{name} of {about}: {error}") from None
