"""The clock: a whole comparison on a tiny task, and its rules on searches made up."""

import math
from dataclasses import replace

import pytest

from sweeper.bench.answer import clock
from sweeper.bench.answer.clock import COLD, METHODS, OURS, PROCESSES, USUAL, Answer
from sweeper.bench.answer.judge import CHOOSING, SCORING, Judge
from sweeper.bench.answer.outcome import Outcome, replayed
from sweeper.bench.answer.searched import Searched, Tried
from sweeper.bench.answer.tasks import AnswerTask, make_tasks
from sweeper.bench.process import Process
from sweeper.registry.setting import Setting
from sweeper.repository.sources import leave_out, shipped
from sweeper.study.task import Task

TINY = AnswerTask(
    "a moment", "digits[per_class=20]", "digits", "accuracy", "compact", 2, 32, 2, 3, 4, 1.0
)
A, B, C, D = (Setting("combined", scale=scale) for scale in (2.0, 4.0, 8.0, 16.0))


@pytest.mark.long
def test_all_methods_answer_on_a_tiny_task(tmp_path):
    told = []
    answers = clock.run_once(TINY, 0, tmp_path / "run", told.append)
    assert [each.method for each in answers] == list(METHODS)
    assert len(told) == 2 * len(METHODS)
    assert [each.tried for each in answers[:2]] == [3, 3]
    assert all(1 <= each.tried <= 4 for each in answers[2:])
    assert min(regret for each in answers for _, regret in each.curve) <= 20
    for each in answers:
        moments = [at for at, _ in each.curve]
        assert moments == sorted(moments)
        assert 0 < moments[0] <= each.ended
        assert each.reached == (each.confirmation > 0)
        assert each.seconds >= moments[0] + each.confirmation


@pytest.mark.long
def test_every_way_confirms_the_same():
    """However they are trained, of two settings the same one is better by far."""
    task = replace(TINY, dataset="digits[per_class=60]", epochs=8, seeds=4)
    good = Setting("combined", scale=16.0, lr=0.001)
    poor = Setting("combined", m1=1.5, m2=0.8, m3=0.5, scale=128.0, lr=0.0003)
    for method in (USUAL, PROCESSES, OURS):
        seconds, winner = clock.confirmed(method, task, 0, [poor, good])
        assert seconds > 0
        assert winner == good


def test_tasks_are_searches_of_one_space_that_fit_their_data(tmp_path):
    tasks = make_tasks(tmp_path)
    known = set(shipped().tasks["source"])
    for task in tasks:
        assert task.source in known
        cold, knowing = task.spec(3, cold=True), task.spec(3, cold=False)
        assert (cold.sampler, knowing.sampler) == ("tpe", "transfer")
        assert cold.space == knowing.space
        assert set(cold.space) == {"m1", "m2", "m3", "scale", "lr"}
        assert cold.seed == 3
        assert not cold.controls
        loaded = Task.load(cold)
        assert loaded.spec.net == task.net
    assert {task.objective for task in tasks} == {"accuracy", "retrieval"}
    assert [task.name for task in make_tasks(tmp_path, "EMBED")] == [tasks[1].name]
    assert not make_tasks(tmp_path, "nothing")


def sources_without(source):
    leave_out(source)
    return sorted(set(shipped().tasks["source"]))


def test_a_source_is_left_out_in_one_process_alone():
    every = sorted(set(shipped().tasks["source"]))
    process = Process(1)
    try:
        assert process.call(sources_without, "digits") == [s for s in every if s != "digits"]
    finally:
        process.close()
    assert sorted(set(shipped().tasks["source"])) == every


@pytest.fixture
def found():
    rows = [(104, B, 0.6), (102, A, 0.5), (106, C, 0.4), (108, D, math.nan), (110, D, 0.7)]
    return Searched.of([Tried(at - 2, at, *row) for at, *row in rows], 100, 112)


def test_what_a_search_would_choose_and_when(found):
    assert found.ended == 12
    assert [each.at for each in found.tried] == [2, 4, 6, 8, 10]
    assert found.best(3) == [A]
    assert found.best(10) == [D, B, A]
    assert found.moments() == [2, 4, 6, 10]
    assert [found.trials(at) for at in (6, 9)] == [3, 5]  # what diverged took its time, too


def judge_of(scores):
    judge = Judge(lambda settings, seeds: [[scores[each]] * len(seeds) for each in settings])
    judge.choose_best(scores)
    return judge


def test_an_answer_is_chosen_and_confirmed(found):
    asked = []

    def confirm(settings):
        asked.append(settings)
        return 5.0, settings[-1] if len(asked) == 1 else settings[0]

    # B is within a point, but the first confirmation picks A, which is not.
    judge = judge_of({A: 0.5, B: 0.695, C: 0.4, D: 0.7})
    answer = clock.answer_of(USUAL, found, judge, confirm)
    assert asked == [[B, A], [B, A, C]]
    assert (answer.reached, answer.seconds, answer.trials, answer.tried) == (True, 11, 3, 5)
    assert [round(regret, 6) for _, regret in answer.curve] == [20, 0.5, 0.5, 0]
    other = judge_of({A: 0.5, B: 0.6, C: 0.4, D: 0.6, Setting(): 0.9})
    nowhere = clock.answer_of(USUAL, found, other, confirm)
    assert (nowhere.reached, nowhere.seconds, len(asked)) == (False, 12, 2)


def test_the_best_known_is_chosen_and_scored_by_different_seeds():
    values = {A: {CHOOSING: 0.8, SCORING: 0.6}, B: {CHOOSING: 0.7, SCORING: 0.9}}
    judge = Judge(lambda settings, seeds: [[values[each][seeds]] * 2 for each in settings])
    judge.choose_best([A, B, A])
    assert judge.best == pytest.approx(0.6)
    assert judge.regret(B) == pytest.approx(-30)


def answer(method, seconds, trials=4, reached=True):
    return Answer(method, reached, seconds, trials, 1.0, seconds, trials, [(2.0, 0.5)])


def outcome(usual_reached=True):
    runs = [
        [
            answer(USUAL, 100.0 * k, reached=usual_reached),
            answer(PROCESSES, 50.0),
            answer(COLD, 20.0),
            answer(OURS, 10.0, 2),
        ]
        for k in (1, 2, 3)
    ]
    return Outcome("a task", 15.0, runs)


def test_ratios_are_those_within_a_run():
    found = outcome()
    assert found.ratios(OURS) == [10, 20, 30]
    assert found.rows()[-1] == [
        *(OURS, "10 (10 – 10)", "2 (2 – 2)", "1.0 (1.0 – 1.0)"),
        *("10 (10 – 10)", "20.0 (10.0 – 30.0)"),
    ]
    assert found.said() == (
        "a task: sweeper is 20.0 times as fast as (a), the median of 3 runs; the goal of 15 is met."
    )
    assert Outcome.from_dict(found.to_dict()) == found


def test_where_the_usual_way_has_no_answer_the_ratio_is_a_bound():
    found = outcome(usual_reached=False)
    assert found.rows()[0][1] == "> 200 (100 – 300), no answer in 3 of 3"
    assert found.rows()[-1][-1] == "≥ 20.0 (10.0 – 30.0)"


def test_searches_are_replayed_with_other_trainings():
    seconds = dict.fromkeys(METHODS, 10.0)
    found = replayed(outcome(), "larger", 5.0, [seconds] * 3)
    # 2 s until the first trial's end, then as many trainings, and three of the confirmation.
    assert [each.seconds for each in found.of(USUAL)] == [2 + 40 + 30] * 3
    assert [each.seconds for each in found.of(OURS)] == [2 + 20 + 30] * 3
