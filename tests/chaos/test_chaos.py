"""Eight workers on one study while nearly everything goes wrong that can."""

import os
from pathlib import Path

import pytest


@pytest.mark.long
def test_whatever_goes_wrong(seed, undisturbed, server, data, tmp_path, capsys):
    from chaos.one_run import run
    from chaos.script import Script

    seconds = float(os.environ.get("SWEEPER_CHAOS_SECONDS") or f"{undisturbed.seconds:.1f}")
    script = Script.draw(seed, seconds)
    done = run(server, data, script, tmp_path, undisturbed.results)
    with capsys.disabled():
        print(f"\n{done.line()}")
    if folder := os.environ.get("SWEEPER_CHAOS_LOGS"):
        Path(folder, f"seed-{seed}.log").write_text(done.story())
    assert done.faults == [], f"make chaos SEED={seed} SECONDS={seconds}\n{done.story()}"
