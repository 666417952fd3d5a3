"""When the learning rate falls."""

from typing import Literal

#: At each step, or between epochs alone.
Decay = Literal["step", "epoch"]
