"""What a process does that was misled by the file it measures."""

import os
import sys
import time

import torch

from sweeper.serve.uploads.measured import Refused


def say(text: str) -> Refused:
    return Refused(text)


def take_memory() -> Refused:
    return Refused(str(len(bytearray(2**32))))


def take_memory_of_torch() -> Refused:
    return Refused(str(torch.zeros(2**32, dtype=torch.uint8).sum()))


def take_time() -> Refused:
    while True:
        pass


def wait() -> Refused:
    time.sleep(3600)
    return Refused("")


def fail() -> Refused:
    print("\x1b[2Jshouted", file=sys.stderr, flush=True)
    os.write(1, b"\x1b[2Jshouted")
    raise KeyError("\x1b[2Jwrong")


def end() -> Refused:
    os.abort()


def write(path: str) -> Refused:
    with open(path, "wb") as file:
        for _ in range(64):
            file.write(bytes(2**20))
    return Refused("written")


def say_too_much() -> Refused:
    return Refused("x" * 2**23)
