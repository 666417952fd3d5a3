import numpy as np
import pytest

from sweeper.repository.sources import shipped_measures
from sweeper.repository.terms.gains import term_gains
from tests.support.terms import LAMBDAS, measures_of


def law(number, term, loss):
    return [0.01 * number, 0.02, 0.03 if loss == "softmax" else 0.0, -0.01, -0.2]


def test_gains_are_paired_by_seed():
    """The seeds differ by two points and the term's gain not at all, so that there is no error."""
    found = term_gains(measures_of(["a", "b"], law), "accuracy")
    assert len(found) == 2 * 2 * 2 * len(LAMBDAS)
    assert set(found["loss"]) == {"softmax", "arcface"}
    for (task, loss, term), own in found.groupby(["task", "loss", "term"]):
        assert own["gain"].tolist() == pytest.approx(law("ab".index(task), term, loss))
        assert own["lambda"].tolist() == list(LAMBDAS)
        assert own["se"].tolist() == pytest.approx([0] * 5, abs=1e-12)
        assert own["gain_a"].tolist() == pytest.approx(own["gain"].tolist())


def test_the_halves_are_every_other_seed():
    table = measures_of(["a"], law, noise=0.01)
    found = term_gains(table, "accuracy").set_index(["loss", "term", "lambda"])
    rows = table[(table["loss"] == "softmax") & (table["task"] == "a")]
    alone = rows[rows["term"] == ""].set_index("seed")["accuracy"]
    own = rows[(rows["term"] == "center") & (rows["lambda"] == 0.1)].set_index("seed")["accuracy"]
    gains = own - alone
    row = found.loc[("softmax", "center", 0.1)]
    assert row["gain"] == pytest.approx(gains.mean())
    assert row["gain_a"] == pytest.approx(gains[[0, 2]].mean())
    assert row["gain_b"] == pytest.approx(gains[[1, 3]].mean())
    assert row["se"] == pytest.approx(gains.std(ddof=1) / 2)


def test_of_compactness_the_logarithm_counts():
    table = measures_of(["a"], lambda *of: [0.0] * 5)
    factor = np.where(table["lambda"] == 0.1, 0.8, 1.0)
    found = term_gains(table.assign(compactness=table["accuracy"] * factor), "compactness")
    gained = found.groupby("lambda")["gain"].mean()
    assert gained[0.1] == pytest.approx(-np.log(0.8))
    assert gained[0.01] == pytest.approx(0)


def test_what_cannot_be_paired_is_left_out():
    table = measures_of(["a", "b"], law)
    lacking = table[(table["task"] != "a") | (table["term"] != "") | (table["loss"] != "softmax")]
    found = term_gains(lacking, "accuracy")
    assert set(found.loc[found["loss"] == "softmax", "task"]) == {"b"}
    assert term_gains(table[table["seed"] == 0], "accuracy").empty
    assert term_gains(table[table["term"] == ""], "accuracy").empty


def test_the_shipped_measures_have_both_terms_beside_both_losses():
    found = term_gains(shipped_measures(), "accuracy")
    assert set(zip(found["loss"], found["term"], strict=True)) == {
        (loss, term) for loss in ("softmax", "arcface") for term in ("center", "sigma2r")
    }
    assert found["gain"].abs().max() < 1
