"""What a user's net raises is one line; what the program raises stays what it is."""

import pytest
import torch

from sweeper.errors import SweeperError
from sweeper.training import Interrupted
from sweeper.training.net_failures import net_failures


def test_the_line_says_what_and_where():
    with pytest.raises(SweeperError) as caught, net_failures("mine:net"):
        torch.zeros(2, 3) @ torch.zeros(2, 3)
    line = str(caught.value)
    assert line.startswith("net 'mine:net' failed: RuntimeError: ")
    assert "mat1 and mat2 shapes" in line
    assert line.endswith("(test_net_failures.py, line 13)")
    assert "\n" not in line


def test_what_passes_unchanged():
    for error in (SweeperError("x"), Interrupted(), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, net_failures("mine:net"):
            raise error
        assert caught.value is error
    with pytest.raises(ZeroDivisionError), net_failures("compact"):
        raise ZeroDivisionError
