"""What `sweeper worker --log-format` logs."""

import json

SIZES = ("--cold", "--n-trials", 2, "--epochs", 1, "--seeds", 1)


def test_each_result_is_an_event_and_so_is_all_else(sweeper, begin, end, clouds):
    assert sweeper("run", clouds, "--study-name", "one", *SIZES, "--workers", 0).status == 0
    done = end(begin("worker", "one", "--log-format", "json"))
    assert (done.status, done.out) == (0, "")
    events = [json.loads(line) for line in done.err.splitlines()]
    assert all(event["time"].endswith("Z") and event["level"] == "info" for event in events)
    said = [event["message"] for event in events]
    results = [
        event for event in events if " of study 'one' is complete, after " in event["message"]
    ]
    names = [event["message"].split(" of ")[0] for event in results]
    assert names.count("trial 0") == names.count("trial 1") == names.count("softmax") == 1
    assert {event["study"] for event in results} == {"one"}
    assert said[-1].endswith("done by this worker, controls included")


def test_an_error_is_one_too(sweeper, begin, end, clouds):
    assert sweeper("run", clouds, "--study-name", "one", *SIZES, "--workers", 0).status == 0
    done = end(begin("worker", "two", "--log-format", "text", "--log-level", "warning"))
    assert (done.status, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert "Z ERROR sweeper: sweeper: unknown study 'two'" in line


def test_people_read_lines_as_before(sweeper, begin, end, clouds):
    assert sweeper("run", clouds, "--study-name", "one", *SIZES, "--workers", 0).status == 0
    done = end(begin("worker", "one"))
    assert (done.status, done.out) == (0, "")
    assert "is complete, after" not in done.err
    assert done.err.splitlines()[-1].endswith("done by this worker, controls included")
