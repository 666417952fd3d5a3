import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sweeper.data import load, names
from sweeper.errors import UsageError
from sweeper.registry.losses import LOSSES
from sweeper.registry.names import own_names
from sweeper.registry.setting import paper_default
from sweeper.registry.terms import TERMS, term_names
from sweeper.study.resolve import builtin_studies, builtin_study, resolve

RANGES = {
    "m1": (0.9, 1.5, False),
    "m2": (-0.2, 0.8, False),
    "m3": (-0.2, 0.5, False),
    "scale": (2, 128, True),
    "margin": (0.02, 1, True),
}
OTHERWISE = {
    ("a-softmax", "m1"): (1, 4, False),  # Liu et al. 2017 compare these
    ("contrastive", "margin"): (0.1, 2, True),  # of distances, which reach 2
}
LAMBDA = (1e-4, 10, True)


#: A factor of ten around the default.
RATES = (3e-4, 3e-3, True)


def range_of(loss, name):
    return OTHERWISE.get((loss, name), RANGES[name])


def refusal(*args, **options):
    with pytest.raises(UsageError) as caught:
        resolve(*args, **options)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_there_are_studies_built_in():
    assert {"demo-digits", "demo-mnist", "demo-fuzzy-rgb", "fashion-arcface"} <= {
        *builtin_studies()
    }


def test_no_built_in_study_hides_a_data_set():
    assert not set(builtin_studies()) & {item.name for item in names()}


@pytest.mark.parametrize("name", builtin_studies())
def test_every_built_in_study_can_be_resolved(name):
    spec = resolve(name)
    assert spec.name == name
    assert spec.n_trials >= 1


#: What is read from files that somebody has to have.
FILES = ("fashion-mnist", "cifar10", "cifar100")


def needs_files(name):
    return builtin_study(name).dataset.partition("[")[0] in FILES


@pytest.mark.parametrize("name", [n for n in builtin_studies() if not needs_files(n)])
def test_built_in_studies_need_no_network(name):
    spec = resolve(name)
    data = load(spec.dataset)
    assert data.num_classes >= 3
    assert "retrieval" not in spec.objectives or data.num_classes >= 6


@pytest.mark.parametrize("loss", [loss for loss in LOSSES if LOSSES[loss].margins])
def test_a_data_set_is_searched_over_what_the_loss_has(loss):
    spec = resolve("digits", loss=loss)
    assert spec.name == f"digits-{loss}-accuracy"
    assert (spec.dataset, spec.loss, spec.net) == ("digits", loss, "auto")
    assert (spec.epochs, spec.seeds, spec.n_trials) == (10, 4, 60)
    found = {name: (d.low, d.high, d.log) for name, d in spec.space.items()}
    assert found == {name: range_of(loss, name) for name in LOSSES[loss].margins} | {"lr": RATES}


@pytest.mark.parametrize(
    ("options", "sampler"),
    [
        ({}, "transfer"),
        ({"loss": "arcface", "objective": "retrieval"}, "transfer"),
        ({"cold": True}, "tpe"),
        ({"sampler": "gp"}, "gp"),
        ({"objective": "accuracy,retrieval"}, "tpe"),  # it takes one
        ({"beside": "center"}, "tpe"),
        ({"loss": "triplet"}, "tpe"),
    ],
)
def test_the_sampler_is_the_one_that_knows_other_data_where_it_can(options, sampler):
    assert resolve("digits", **options).sampler == sampler


@pytest.mark.parametrize("sampler", ["tpe", "grid"])
@pytest.mark.parametrize("loss", [loss for loss in LOSSES if LOSSES[loss].margins])
def test_what_the_paper_recommends_is_within_what_is_searched(loss, sampler):
    for name, dimension in resolve("digits", loss=loss, sampler=sampler).space.items():
        low, high = dimension.ends()
        assert low <= paper_default(loss)[name] <= high


def test_options_choose_what_is_searched():
    spec = resolve(
        "digits[per_class=20,classes=0-4]",
        objective="accuracy, retrieval",
        loss="arcface",
        net="lenet",
        sampler="nsga2",
        n_trials=8,
        epochs=3,
        seeds=2,
    )
    assert spec.name == "digits[classes=0-4, per_class=20]-arcface-accuracy+retrieval"
    assert spec.dataset == "digits[classes=0-4, per_class=20]"
    assert spec.objectives == ("accuracy", "retrieval")
    assert (spec.net, spec.sampler) == ("lenet", "nsga2")
    assert (spec.n_trials, spec.epochs, spec.seeds) == (8, 3, 2)
    assert resolve("digits", study_name="mine").name == "mine"


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("loss", ["softmax", "arcface", "adacos", "triplet"])
def test_of_a_term_its_lambdas_are_searched(loss, term):
    spec = resolve("digits", loss=loss, beside=term)
    assert spec.name == f"digits-{loss}+{term}-accuracy"
    assert (spec.loss, spec.beside) == (loss, (term,))
    lambdas = [name for name in term_names(term) if "lambda" in name]
    assert lambdas
    found = {name: (d.low, d.high, d.log) for name, d in spec.space.items()}
    assert found == {
        **{name: range_of(loss, name) for name in LOSSES[loss].margins},
        **dict.fromkeys(lambdas, LAMBDA),
        "lr": RATES,
    }
    assert set(found) <= set(own_names(loss, [term]))


@pytest.mark.parametrize("written", ["center,sigma2r", "sigma2r, center", " center ,sigma2r "])
def test_terms_are_named_in_one_order(written):
    spec = resolve("digits[per_class=20]", loss="softmax", beside=written, objective="compactness")
    assert spec.name == "digits[per_class=20]-softmax+center+sigma2r-compactness"
    assert spec.beside == ("center", "sigma2r")
    assert list(spec.space) == ["center.lambda", "sigma2r.lambda", "lr"]


def test_the_grid_sampler_gets_points_of_terms():
    spec = resolve("digits", loss="triplet", beside="git", sampler="grid")
    assert list(spec.space) == ["margin", "git.lambda_c", "git.lambda_g"]
    sizes = [len(dimension.points()) for dimension in spec.space.values()]
    assert min(sizes) >= 2
    assert spec.n_trials == 60
    assert resolve("digits", loss="softmax", beside="center", sampler="grid").n_trials == 6


@pytest.mark.parametrize("loss", [loss for loss in LOSSES if LOSSES[loss].margins])
def test_the_grid_sampler_gets_points(loss):
    spec = resolve("digits", loss=loss, sampler="grid")
    points = 1
    for dimension in spec.space.values():
        points *= len(dimension.points())
    assert spec.n_trials == min(60, points)
    for name, dimension in spec.space.items():
        low, high, _ = range_of(loss, name)
        if name == "margin":
            assert low <= min(dimension.points()) < max(dimension.points()) <= high
        else:
            assert (min(dimension.points()), max(dimension.points())) == (low, high)


@pytest.mark.parametrize("written", ["{}/my images", "{}/my images/", "./my images", "my images"])
def test_a_path_gives_its_last_part_to_the_name(tmp_path, monkeypatch, written):
    (tmp_path / "my images").mkdir()
    monkeypatch.chdir(tmp_path)
    path = written.format(tmp_path)
    spec = resolve(f"{path}[size=32]", loss="cosface", objective="compactness")
    assert spec.name == "my images[size=32]-cosface-compactness"
    assert spec.dataset == f"{path}[size=32]"


def test_files_of_data(tmp_path, monkeypatch):
    assert resolve("sub/faces.npz", loss="arcface").name == "faces.npz-arcface-accuracy"
    assert resolve("faces.csv", loss="arcface").dataset == "faces.csv"


def test_a_study_file_of_the_users_own(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('dataset = "digits"\npruner = "median"\n[space]\nm2 = {low = 0, high = 1}\n')
    assert resolve(str(path)).name == "mine"
    spec = resolve(str(path), n_trials=5, epochs=4, seeds=2, study_name="other")
    assert (spec.name, spec.n_trials, spec.epochs, spec.seeds) == ("other", 5, 4, 2)
    assert spec.rungs == (1, 2)


@pytest.mark.parametrize("option", ["objective", "loss", "beside", "net", "sampler", "pruner"])
def test_a_study_file_has_its_own_choices(option):
    message = refusal("demo-digits", **{option: "retrieval"})
    assert message.startswith(f"--{option} is for data sets")


@pytest.mark.parametrize(
    ("options", "pruner"),
    [
        ({}, "racing"),
        ({"pruner": "none"}, "none"),
        ({"pruner": "median", "seeds": 1}, "median"),
        ({"objective": "accuracy,compactness"}, "none"),
        ({"epochs": 1}, "none"),
        ({"seeds": 1}, "none"),
    ],
)
def test_the_search_of_a_data_set_is_a_race_where_trials_can_be_compared(options, pruner):
    assert resolve("digits", **options).pruner == pruner


def test_a_study_file_names_its_pruner(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('dataset = "digits"\n[space]\nm2 = {low = 0, high = 1}\n')
    assert resolve(str(path)).pruner == "none"


def test_an_experiment_has_its_own_number_of_trials():
    assert "21 settings" in refusal("mnist-arcface", n_trials=3)
    assert resolve("mnist-arcface", seeds=1, epochs=1).n_trials == 21


@pytest.mark.parametrize(
    ("args", "options", "part"),
    [
        ("digit", {}, "did you mean digits"),
        ("demo-digit", {}, "demo-digits"),
        ("zzzzqqqq", {}, "neither a study nor a data set"),
        ("missing.toml", {}, "missing.toml: there is no such study file"),
        ("digits[clases=1]", {}, "clases"),
        ("digits", {"loss": "arcfac"}, "did you mean arcface"),
        ("digits", {"loss": "softmax"}, "no margin or scale"),
        ("digits", {"loss": "adacos"}, "search a term with --beside, or its lr in a study file"),
        ("digits", {"beside": "centre"}, "unknown term 'centre'; did you mean center"),
        ("digits", {"beside": ""}, "--beside '' names no term, or has a comma too many; leave it"),
        ("digits", {"beside": "center,"}, "--beside 'center,' names no term, or has a comma too"),
        ("digits", {"beside": "git,git"}, "'beside': git stands there twice"),
        ("digits", {"beside": "git", "loss": "arcfac"}, "did you mean arcface"),
        ("digits", {"objective": "acuracy"}, "did you mean accuracy"),
        ("digits", {"objective": "accuracy,accuracy"}, "twice"),
        ("digits", {"sampler": "tpee"}, "did you mean tpe"),
        ("digits", {"n_trials": 0}, "'n_trials': must be at least 1"),
        ("digits", {"sampler": "grid", "loss": "arcface", "n_trials": 100}, "at most 42"),
        ("demo-digits", {"epochs": 0}, "demo-digits: key 'epochs'"),
        ("digits", {"study_name": ""}, "'name': must not be empty"),
    ],
)
def test_what_is_wrong_is_named(args, options, part):
    assert part in refusal(args, **options)


@given(st.text() | st.text().map("./{}".format) | st.text().map("{}.toml".format))
@example("~nobody-of-this-name/x")
@example("~nobody-of-this-name/x.toml")
@example("x" * 300)
@example("./\0")
@example("\0.toml")
@settings(deadline=None)
def test_any_word_gives_a_study_or_one_line(word):
    message = ""
    try:
        resolve(word)
    except UsageError as error:
        message = str(error)
    assert len(message.splitlines()) <= 1
