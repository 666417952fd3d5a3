"""Ctrl-C and SIGTERM are noted, and afterwards do again what they did."""

import os
import signal

import pytest

from sweeper.search.signals import StopSignals


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_noted(number, status):
    before = signal.getsignal(number)
    with StopSignals() as signals:
        assert (signals.asked(), signals.status) == (False, 0)
        os.kill(os.getpid(), number)
        assert (signals.asked(), signals.pressed(), signals.status) == (True, False, status)
        os.kill(os.getpid(), signal.SIGINT)
        assert (signals.pressed(), signals.status) == (True, status)
    assert signal.getsignal(number) is before
