"""Every claim that is judged. To add one is a record, and a study where there is none yet."""

from itertools import product

from sweeper.report.page.claims.claim import (
    AnyDiffers,
    Best,
    Better,
    BetterAtEqualAccuracy,
    Choice,
    Claim,
    Falls,
    Level,
)

_MNIST = "5,000 of MNIST's 70,000 images"
_ONE_RATE, _EACH_BEST = {"lr": 1e-3}, dict[str, float]()

#: Differences of accuracy that MNIST's report reads from single runs: 98.97 against 98.93 between
#: the losses, 98.93 against 98.65 between margins, leaving out three runs that went astray.
_LOSSES_READ, _MARGINS_READ = 0.0004, 0.0028


def _mnist() -> list[Claim]:
    source, claims = "The Curiosity 2021", []
    rates = ((_ONE_RATE, "both at one rate"), (_EACH_BEST, "each at its best rate"))
    for epochs, (rate, words) in product((5, 10), rates):
        study = f"mnist-softmax-arcface-{epochs}"
        claims.append(
            Claim(
                source,
                "section 4",
                f"ArcFace is more accurate than softmax after {epochs} epochs, {words}",
                "accuracy",
                Better(Choice(study, "arcface", rate), Choice(study, "softmax", rate)),
                _MNIST,
            )
        )
    study = "mnist-softmax-arcface-100"
    claims += [
        Claim(
            source,
            "section 4",
            f"after 100 epochs they are level (within 0.1 points), {words}",
            "accuracy",
            Level(Choice(study, "arcface", rate), Choice(study, "softmax", rate), 0.001),
            _MNIST,
        )
        for rate, words in rates
    ]
    arcface = Choice("mnist-arcface", "arcface")
    combined = Choice("mnist-combined", "combined")
    margins = [0.4 + i / 100 for i in range(20)]
    rivals = tuple(
        Choice("mnist-arcface", "arcface", {"m2": round(m, 2)})
        for m in margins
        if abs(m - 0.5) > 1e-9
    )
    half = Choice("mnist-arcface", "arcface", {"m2": 0.5})
    softmax = (Choice("mnist-arcface", "softmax"), Choice("mnist-combined", "softmax"))
    texts = (
        (
            "table 1",
            "ArcFace's margins from 0.40 to 0.59 differ",
            AnyDiffers(arcface, _MARGINS_READ),
        ),
        ("table 1", "the combined loss's margins differ", AnyDiffers(combined, _MARGINS_READ)),
        ("section 4", "ArcFace is best at a margin of 0.50", Best(half, rivals)),
        (
            "section 4",
            "the combined loss is more accurate than ArcFace, each at its best margins",
            Better(combined, arcface, _LOSSES_READ),
        ),
        ("section 1", "ArcFace is more accurate than softmax", Better(arcface, softmax[0])),
        (
            "section 1",
            "the combined loss is more accurate than softmax",
            Better(combined, softmax[1]),
        ),
    )
    claims += [Claim(source, place, text, "accuracy", rule, _MNIST) for place, text, rule in texts]
    sphere = (Choice("mnist-sphere", "arcface"), Choice("mnist-sphere", "softmax"))
    text = "in three dimensions ArcFace keeps the classes apart more clearly than softmax"
    return [*claims, Claim(source, "figures 1, 2", text, "compactness", Better(*sphere), _MNIST)]


def _five_losses() -> list[Claim]:
    source, claims = "Shah and Mangwani 2023", []
    losses = ("softmax", "softmax + center", "cosface", "arcface", "triplet")
    for study, stand_in in (
        ("five-losses", ""),
        ("five-losses-fashion", "2,000 images of Fashion-MNIST for CIFAR-10"),
    ):
        of = {name: Choice(study, name) for name in losses}
        for name, measure, text in (
            ("cosface", "accuracy", "CosFace is the most accurate of the five"),
            ("arcface", "compactness", "ArcFace is the most compact of the five"),
        ):
            others = tuple(choice for other, choice in of.items() if other != name)
            rule = Best(of[name], others)
            claims.append(Claim(source, "section 6", text, measure, rule, stand_in))
        claims += [
            Claim(
                source,
                "section 6",
                f"{name} is more compact than softmax",
                "compactness",
                Better(of[name], of["softmax"]),
                stand_in,
            )
            for name in losses[1:]
        ]
    return claims


def _eight_identities() -> list[Claim]:
    study, stand_in = "eight-identities", "eight classes of Fashion-MNIST for identities not named"
    arcface = Choice(study, "arcface")
    return [
        Claim(
            "Chen 2024",
            "ArcFace",
            f"ArcFace {verb} than {name}",
            measure,
            Better(arcface, Choice(study, loss)),
            stand_in,
        )
        for (loss, name), (measure, verb) in product(
            (("a-softmax", "A-Softmax"), ("cosface", "CosFace")),
            (
                ("accuracy", "has fewer false positives, all classes together,"),
                ("compactness", "separates the classes more strictly"),
            ),
        )
    ]


def _sigma2r() -> list[Claim]:
    source = "La Grassa et al. 2020"
    printed, sane = {"lr": 0.4}, {"lr": 1e-3}
    plain, center, sigma2r = "softmax", "softmax + center", "softmax + sigma2r"
    at = {
        center: {"center.lambda": 0.01},
        sigma2r: {"sigma2r.lambda": 0.01},
        plain: dict[str, float](),
    }

    def choice(study: str, losses: str, rate: dict[str, float]) -> Choice:
        return Choice(study, losses, {**at[losses], **rate})

    claims = []
    for data, place, gains in (
        ("fashion", "section 5.2", (None, None)),
        ("cifar10", "table 3", (0.01793, 0.00163)),
        ("cifar100", "table 4", (0.03841, 0.01381)),
    ):
        study = f"sigma2r-{data}"
        for (other, gain), (rate, words) in product(
            zip((plain, center), gains, strict=True),
            ((printed, "at the printed rate"), (sane, "at 1e-3")),
        ):
            claims.append(
                Claim(
                    source,
                    place,
                    f"σ²R is more accurate than {other}, {words} ({data})",
                    "accuracy",
                    Better(choice(study, sigma2r, rate), choice(study, other, rate), gain),
                )
            )
    for (measure, words), (rate, at_rate) in product(
        (("plain_spread", "more compact"), ("spread", "more compact at unit length")),
        ((printed, "at the printed rate"), (sane, "at 1e-3")),
    ):
        pair = [choice("sigma2r-fashion", losses, rate) for losses in (sigma2r, center)]
        text = f"σ²R makes classes {words} than center loss at λ = 0.01, {at_rate}"
        claims.append(Claim(source, "table 1, test", text, measure, Better(pair[0], pair[1])))
    stronger = Choice("sigma2r-fashion", center, {"center.lambda": 2.56, **sane})
    for measure, words in (("plain_spread", ""), ("spread", " at unit length")):
        one = choice("sigma2r-fashion", sigma2r, sane)
        text = f"σ²R is more compact{words} than center loss at λ = 2.56, its λ if the sum is meant"
        claims.append(Claim(source, "table 1, test", text, measure, Better(one, stronger)))
    over_lambda = [Choice("sigma2r-fashion", losses, sane) for losses in (sigma2r, center, plain)]
    for measure, words in (("plain_spread", ""), ("spread", " at unit length")):
        text = f"σ²R is more compact{words} than center loss, each at the λ of softmax's accuracy"
        rule = BetterAtEqualAccuracy(*over_lambda)
        claims.append(Claim(source, "table 1, test", text, measure, rule))
    for study, net in (("fuzzy-rgb-lenet", "LeNet"), ("fuzzy-rgb-resnet18", "ResNet-18")):
        for one_loss, other_loss in ((sigma2r, center), (center, plain)):
            pair = [choice(study, losses, sane) for losses in (one_loss, other_loss)]
            text = f"{one_loss} is more compact than {other_loss} on Fuzzy-RGB, {net}"
            claims.append(Claim(source, "figure 4", text, "plain_spread", Better(pair[0], pair[1])))
    growth = Choice("sigma2r-growth", sigma2r, sane)
    text = "the growth of the classes falls during the training on Fashion-MNIST, at 1e-3"
    falls = Falls(growth, "sigma2r.growth")
    return [*claims, Claim(source, "figure 5 (a)", text, "growth", falls)]


#: Every claim, by source.
CLAIMS: tuple[Claim, ...] = (*_mnist(), *_five_losses(), *_eight_identities(), *_sigma2r())
