"""Looking after a pool of workers on this machine, from their start to their end."""

import shlex
from collections.abc import Callable
from contextlib import suppress

from sweeper.console import say
from sweeper.errors import SweeperError
from sweeper.launch.planning import trials_left
from sweeper.launch.signals import StopSignals
from sweeper.launch.worker_pool import WorkerPool
from sweeper.report.progress import StudyProgress
from sweeper.study.open_study import KnownStudy


def supervise(
    pool: WorkerPool,
    study: KnownStudy,
    signals: StopSignals,
    timeout: float | None = None,
    clean_up: Callable[[], object] = lambda: None,
    is_settled: Callable[[], bool] | None = None,
    expected: float | None = None,
) -> bool:
    """Start a pool, show how far the study is until the pool has ended, and say why it has.

    Args:
        pool: of workers on the study, not yet entered.
        study: what they work on.
        signals: entered; once they ask, what is unfinished is handed back.
        timeout: seconds after which to stop, None for never.
        clean_up: called once all workers have ended.
        is_settled: asked now and then, whether the rest need not be trained; None if it must be.
        expected: about how many seconds it will take, if that is known.

    Returns:
        Whether nothing is left to train.

    Raises:
        SweeperError: a worker failed, or all were killed.
    """
    signals.hold()
    settled = False
    with pool, StudyProgress(study, expected, is_settled is not None) as progress:
        for _ in pool.watch(timeout):
            if signals.asked():
                say(signals.farewell())
                break
            # The workers wait for a database that is away; who looks after them must not.
            with suppress(SweeperError), study.database.timeout(0):
                progress.update()
                if is_settled is not None and (settled := is_settled()):
                    break
        timed_out = pool.is_working()
        pool.stop(hurry=signals.pressed, leave=signals.is_preempted())
    clean_up()
    if signals.asked():
        say("stopped, nothing is half-written: run the same command again to go on")
        return False
    left = trials_left(study)
    if left and settled:
        say(f"settled with {left} not needed: run the same command without --until to go on")
        return True
    if left and timed_out:
        say(f"time is up with {left} still to train: run the same command again to go on")
    elif left and pool.killed:
        raise SweeperError(
            "every worker was killed, for want of memory perhaps; finished trials are stored, and "
            "the same command goes on from there, with --workers 1 if need be"
        )
    elif left and (now := study.now().stored).state == "stopped":
        resume = f"sweeper resume {shlex.quote(now.name)}{study.database.option}"
        say(f"stopped with {left} still to train: `{resume}` lets workers join again")
    elif left:
        say(f"{left} left, with workers elsewhere: see `sweeper workers{study.database.option}`")
    return not left
