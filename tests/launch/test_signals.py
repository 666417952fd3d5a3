"""Ctrl-C and SIGTERM: they interrupt, then they are noted, then they do again what they did."""

import os
import signal
import sys

import pytest

from sweeper.launch.signals import StopSignals

both = pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


@both
def test_noted_while_held(number, status):
    before = signal.getsignal(number)
    with StopSignals() as signals:
        signals.hold()
        assert (signals.asked(), signals.status) == (False, 0)
        os.kill(os.getpid(), number)
        assert (signals.asked(), signals.pressed(), signals.status) == (True, False, status)
        os.kill(os.getpid(), signal.SIGINT)
        assert (signals.pressed(), signals.status) == (True, status)
    assert signal.getsignal(number) is before


@both
def test_an_interrupt_before(number, status):
    with pytest.raises(KeyboardInterrupt), StopSignals() as signals:
        os.kill(os.getpid(), number)
    assert signals.status == status


@both
def test_one_that_got_lost_is_not_forgotten(number, status, capsys):
    class Dropped:
        def __del__(self):
            os.kill(os.getpid(), number)

    before = sys.unraisablehook
    with StopSignals() as signals:
        Dropped()
        with pytest.raises(KeyboardInterrupt):
            signals.hold()
    assert signals.status == status
    assert capsys.readouterr().err == ""
    assert sys.unraisablehook is before


def test_what_is_asked_for():
    with StopSignals() as signals:
        signals.hold()
        assert not signals.is_preempted()
        assert not signals.is_interrupted()
        os.kill(os.getpid(), signal.SIGTERM)
        assert signals.is_preempted()
        assert not signals.is_interrupted()
        assert (signals.worker_status, signals.status) == (0, 143)
        os.kill(os.getpid(), signal.SIGTERM)  # whoever asks twice does not wait for an epoch
        assert not signals.is_preempted()
        assert signals.is_interrupted()
        assert signals.worker_status == 143
    with StopSignals() as signals:
        signals.hold()
        os.kill(os.getpid(), signal.SIGINT)
        assert not signals.is_preempted()
        assert signals.is_interrupted()
        assert signals.worker_status == 130
