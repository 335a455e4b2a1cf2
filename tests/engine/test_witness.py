"""strace's record of a case: the polls of its marked blocks become lines of its log, or nothing is concluded."""

import pytest

from loopspec.isolation.witness import Record, RecordError, merge
from loopspec.observation import Observation

BEGIN = '7 access("/loopspec-mark/0/case begins", F_OK) = -1 ENOENT (No such file or directory)'
END = '7 access("/loopspec-mark/0/polls end", F_OK) = -1 ENOENT (No such file or directory)'


def mark(count, name, thread=7):
    return f'{thread} access("/loopspec-mark/{count}/{name}", F_OK) = -1 ENOENT (No such file or directory)'


def record(*calls, begin=0):
    return "\n".join([BEGIN, mark(begin, "polls begin"), *calls, END])


@pytest.mark.parametrize(
    ("call", "line"),
    [
        ("epoll_wait(5, [], 1024, 0) = 0", "poll(0)"),
        ("epoll_wait(5, [{events=EPOLLIN, data={u32=7, u64=7}}], 1024, 0) = 1", "poll(0)"),
        ("epoll_wait(5, [], 1024, -1) = -1 EINTR (Interrupted system call)", "poll(forever)"),
        ("epoll_wait(5, [], 1024, 250) = 0", "poll(timed)"),
        ("epoll_pwait(5, [], 1024, 0, NULL, 8) = 0", "poll(0)"),
        ("epoll_pwait(5, [], 1024, 29999, NULL, 8) = 0", "poll(timed)"),
        ("epoll_pwait2(5, [], 1024, {tv_sec=0, tv_nsec=0}, NULL, 8) = 0", "poll(0)"),
        ("epoll_pwait2(5, [], 1024, {tv_sec=0, tv_nsec=500}, NULL, 8) = 0", "poll(timed)"),
        ("epoll_pwait2(5, [], 1024, NULL, NULL, 8) = 1", "poll(forever)"),
        ("poll([{fd=3, events=POLLIN}, {fd=4, events=POLLIN|POLLOUT}], 2, 0) = 0 (Timeout)", "poll(0)"),
        ("poll([{fd=3, events=POLLIN}], 1, -1) = 1 ([{fd=3, revents=POLLIN}])", "poll(forever)"),
        ("ppoll([{fd=3, events=POLLIN}], 1, {tv_sec=0, tv_nsec=0}, NULL, 8) = 0 (Timeout)", "poll(0)"),
        (
            "ppoll([{fd=3, events=POLLIN}], 1, {tv_sec=30, tv_nsec=0}, NULL, 8) = 1"
            " ([{fd=3, revents=POLLIN}], left {tv_sec=0, tv_nsec=0})",
            "poll(timed)",
        ),
        ("ppoll([{fd=3, events=POLLIN}], 1, NULL, NULL, 8) = 1 ([{fd=3, revents=POLLIN}])", "poll(forever)"),
        ("select(4, [3], [], [], {tv_sec=0, tv_usec=0}) = 0 (Timeout)", "poll(0)"),
        ("select(4, [3], [], [], NULL) = 1 (in [3])", "poll(forever)"),
        ("pselect6(4, [3], [], [], {tv_sec=1, tv_nsec=0}, NULL) = 0 (Timeout)", "poll(timed)"),
    ],
)
def test_how_long_a_call_may_wait(call, line):
    assert merge(record(f"7 {call}"), []) == [line]


def test_only_what_is_between_the_marks_counts_and_stands_where_it_happened():
    text = "\n".join(
        [
            BEGIN,
            "7 epoll_wait(5, [], 1024, 250) = 0",
            mark(1, "polls begin"),
            "7 epoll_wait(5, [], 1024, 0) = 0",
            mark(2, "line"),
            mark(3, "line"),
            "7 epoll_wait(5, [], 1024, -1) = 1",
            "7 epoll_wait(5, [], 1024, 0) = 0",
            mark(3, "polls end"),
            "7 epoll_wait(5, [], 1024, 250) = 0",
        ]
    )
    log = ["before", "first", "second", "after"]
    assert merge(text, log) == ["before", "poll(0)", "first", "second", "poll(forever)", "poll(0)", "after"]


def test_two_blocks_of_one_case():
    text = "\n".join(
        [
            record("7 epoll_wait(5, [], 1024, 0) = 0"),
            mark(1, "polls begin"),
            "7 poll([], 0, -1) = 0",
            mark(1, "polls end"),
        ]
    )
    assert merge(text, ["between"]) == ["poll(0)", "between", "poll(forever)"]


def test_halves_of_a_call_that_another_thread_interrupts_are_joined():
    text = record(
        "7 epoll_wait(5,  <unfinished ...>",
        "8 epoll_wait(9, [], 1024, 250) = 0",
        "7 <... epoll_wait resumed>[], 1024, 0) = 0",
    )
    assert merge(text, []) == ["poll(0)"]


def test_a_call_that_never_returns_waits_for_ever():
    assert merge(record("7 epoll_wait(5,  <unfinished ...>"), []) == ["poll(forever)"]


def test_other_threads_count_where_the_block_s_own_makes_no_poll():
    other = "8 epoll_wait(9, [], 1024, 250) = 0"
    assert merge(record(other), []) == ["poll(timed)"]
    assert merge(record(other, "7 epoll_wait(5, [], 1024, 0) = 0"), []) == ["poll(0)"]


def test_a_ring_counts_only_for_a_loop_that_polls_by_nothing_else():
    waiting = "7 io_uring_enter(6, 0, 1, IORING_ENTER_GETEVENTS, NULL, 8) = 0"
    submitting = "7 io_uring_enter(6, 3, 0, 0, NULL, 8) = 3"
    assert merge(record(waiting), []) == ["poll(timed)"]
    assert merge(record(submitting), []) == ["poll(0)"]
    assert merge(record(submitting, "7 epoll_pwait(5, [], 1024, -1, NULL, 8) = 1"), []) == ["poll(forever)"]


def test_of_a_case_that_was_played_twice_the_second_time_counts():
    cut_short = "\n".join([BEGIN, mark(0, "polls begin"), "7 epoll_wait(5, [], 1024, 250) = 0"])
    assert merge(f"{cut_short}\n{record('7 epoll_wait(5, [], 1024, 0) = 0')}", []) == ["poll(0)"]


def test_no_poll_is_no_line():
    assert merge(record("7 getpid() = 7"), ["x"]) == ["x"]
    assert merge(BEGIN, ["x"]) == ["x"]


@pytest.mark.parametrize(
    "text",
    ["", "strace: exec: Permission denied", record().removeprefix(BEGIN), record().removesuffix(END)],
)
def test_a_record_that_lacks_a_mark_says_nothing_about_a_loop(text, tmp_path):
    with pytest.raises(RecordError):
        merge(text, ["x"])
    kept = Record(tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_text(text, encoding="utf-8")
    seen = kept.complete(Observation(id="rule/case", log=["x"]))
    assert seen.log == ["x"]
    assert seen.problem is not None and seen.problem.kind == "broken"


def test_a_record_completes_what_was_seen(tmp_path):
    kept = Record(tmp_path)
    (file,) = tmp_path.iterdir()
    assert str(file) in kept.command
    file.write_text(record("7 epoll_wait(5, [], 1024, 0) = 0"), encoding="utf-8")
    assert kept.complete(Observation(id="rule/case", log=["x"], seconds=1.0)) == Observation(
        id="rule/case", log=["poll(0)", "x"], seconds=1.0
    )
