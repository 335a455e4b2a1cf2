"""Playing one case in this process."""

import asyncio
import os
import threading

import pytest

from loopspec.observation import Play
from loopspec.play import compile_script, play


def case(script, **more):
    return Play(id="rule/case", script=script, path="chapter.toml", line=40, bindings=more, timeout=5)


def played(script, factory=asyncio.new_event_loop, **more):
    return play(case(script, **more), factory)


def test_a_script_without_await_runs_outside_of_the_loop_and_one_with_it_inside():
    assert played("log(loop.is_running())").log == ["False"]
    assert played("await asyncio.sleep(0)\nlog(loop.is_running())").log == ["True"]


def test_a_row_binds_its_names():
    assert played("log(delay, name)", delay=0, name="x").log == ["0 x"]


def test_a_traceback_shows_the_line_of_the_file():
    problem = played("x = 1\n\nraise ValueError('boom')\n").problem
    assert (problem.kind, problem.type, problem.text) == ("raised", "ValueError", "boom")
    assert 'File "chapter.toml", line 42' in problem.traceback


def test_a_debugger_finds_the_line_too():
    code = compile_script("a = 1\nawait b\n", "chapter.toml", 40)
    assert {line for _, _, line in code.co_lines() if line} >= {40, 41}


@pytest.mark.parametrize("script", ["log(undefined_name)", "log(", "def f():\n  log(nothing)\nf()"])
def test_a_mistake_of_the_case_is_never_the_loop_s(script):
    assert played(script).problem.kind == "broken"


def test_the_line_of_a_syntax_error_is_the_file_s():
    assert played("x = 1\nlog(").problem.text.startswith("line 41")


@pytest.mark.parametrize(
    "script",
    [
        "loop.does_not_exist()",
        "raise NotImplementedError",
        "with raises(ValueError):\n  raise NotImplementedError",
        "with raises(RuntimeError, Exception):\n  raise NotImplementedError",
    ],
)
def test_what_a_loop_lacks_is_unsupported(script):
    assert played(script).problem.kind == "unsupported"


def test_what_a_loop_lacks_by_a_name_of_its_own_is_a_mistake():
    assert played("loop._does_not_exist()").problem.kind == "raised"


def test_an_expected_type_takes_its_subclasses_and_another_type_is_named():
    script = "with raises(OSError): raise ConnectionResetError\nwith raises(ValueError): {}[1]\nwith raises(): pass"
    seen = played(script)
    assert seen.log == ["OSError", "KeyError", "nothing raised"]
    assert "KeyError" in seen.traceback and "ConnectionResetError" not in seen.traceback


def test_warnings_are_logged_by_category():
    script = (
        "with warns(): warnings.warn('x', DeprecationWarning)\nwith warns(RuntimeWarning): warnings.warn('x')\n"
        "with warns(): pass"
    )
    assert played(script).log == ["DeprecationWarning", "no warning", "no warning"]


def test_records_are_logged_by_level():
    seen = played("with logs(): loop.call_exception_handler({'message': 'x'})\nwith logs(): pass")
    assert (seen.log, seen.incidents) == (["ERROR", "nothing logged"], [])


def test_records_of_a_logger_of_the_loop_s_own_are_logged_as_well():
    script = (
        "with logs(logging.INFO) as records: logging.getLogger('its own').info('x')\n"
        "log(*[record.name for record in records])\nwith logs(): logging.getLogger('its own').info('x')"
    )
    assert played(script).log == ["INFO", "its own", "nothing logged"]


INCIDENTS = {
    "error-logged": "loop.call_exception_handler({'message': 'boom'})",
    "unraisable": "class C:\n  def __del__(self): 1/0\nC()",
    "thread-exception": "in_thread(lambda: 1/0).join()",
    "resource-warning": "socket.socket()",
    "runtime-warning": "asyncio.sleep(0)",
    "descriptors-left": "os.open('/dev/null', 0)",
    "descriptors-closed": "os.close(fd)",
    "threads-left": "threading.Thread(target=wait, name='forever').start()",
    "children-left": "subprocess.Popen.__del__ = lambda self: None\nsubprocess.Popen(['sleep', '60'])",
    "signal-handlers-left": "signal.signal(signal.SIGUSR2, print)",
}


@pytest.mark.parametrize("kind", INCIDENTS)
def test_what_happens_beside_the_log_is_an_incident(kind, monkeypatch):
    import subprocess

    import loopspec.leftovers

    monkeypatch.setattr(loopspec.leftovers, "PATIENCE", 0.05)
    monkeypatch.setattr(subprocess.Popen, "__del__", subprocess.Popen.__del__)
    mine, release = os.open("/dev/null", os.O_RDONLY), threading.Event()
    try:
        seen = played(INCIDENTS[kind], fd=mine, wait=release.wait)
    finally:
        release.set()
        if kind != "descriptors-closed":
            os.close(mine)
    assert {incident.kind for incident in seen.incidents} == {kind}, seen
    assert seen.problem is None


def test_an_exception_that_nobody_retrieved_is_an_incident():
    script = (
        "async def fail(): 1/0\ntask = loop.create_task(fail())\nloop.run_until_complete(asyncio.sleep(0))\ndel task"
    )
    assert [incident.kind for incident in played(script).incidents] == ["error-logged"]


def test_what_is_opened_once_for_the_process_is_no_leak():
    opened = []

    def factory():
        if not opened:
            opened.append(os.open("/dev/null", os.O_RDONLY))
        return asyncio.new_event_loop()

    assert played("log(1)", factory).incidents == []
    os.close(opened[0])


def test_what_is_left_by_a_script_that_an_exception_ended_is_no_leak_and_it_is_not_played_again():
    opened = []

    def factory():
        opened.append(os.open("/dev/null", os.O_RDONLY))
        return asyncio.new_event_loop()

    assert [incident.kind for incident in played("log(1)", factory).incidents] == ["descriptors-left"]
    assert len(opened) == 2
    seen = played("log(1); 1 / 0", factory)
    assert (seen.log, seen.problem.type, seen.incidents) == (["1"], "ZeroDivisionError", [])
    assert len(opened) == 3
    for descriptor in opened:
        os.close(descriptor)


def test_an_exception_is_told_before_the_loop_is_closed():
    told = []

    class Loop(asyncio.SelectorEventLoop):
        def close(self):
            told.append("closed")
            super().close()

    play(case("log(1); 1 / 0"), Loop, ended=told.append)
    assert [told[0].log, told[0].problem.type, *told[1:]] == [["1"], "ZeroDivisionError", "closed"]
    told.clear()
    play(case("log(1)"), Loop, ended=told.append)
    assert told == ["closed"]


def test_a_factory_that_raises_or_returns_no_loop_is_told_apart():
    def raising():
        raise KeyError("no loop today")

    assert played("log(1)", raising).problem.kind == "factory"
    seen = played("log(1)", lambda: 42)
    assert (seen.problem.kind, seen.problem.text) == ("factory", "the factory returned 42, which has no run_forever()")


def test_the_loop_is_closed_and_what_the_case_opened_too():
    loops = []

    def factory():
        loops.append(asyncio.new_event_loop())
        return loops[-1]

    seen = played(
        "socketpair(); listening_socket(); pipe(); pipe_files(); other = new_loop(); log(tmp_path.is_dir())", factory
    )
    assert (seen.log, seen.incidents) == (["True"], [])
    assert all(loop.is_closed() for loop in loops)


@pytest.mark.parametrize("family", ["AF_UNIX", "AF_INET"])
def test_what_is_filled_is_received(family):
    script = f"""
near, far = socketpair(socket.{family})
filled = fill(near)
log(await received(far, filled) == bytes(filled))
near.send(b"the rest")
near.shutdown(socket.SHUT_WR)
log(await received(far))
reading, writing = pipe()
filled = fill(writing)
log(await received(reading, filled) == bytes(filled))
"""
    assert played(script).log == ["True", "b'the rest'", "True"]


@pytest.mark.parametrize("server_side", [False, True])
def test_a_tls_peer_talks_to_the_loop(server_side):
    script = f"""
near, far = socketpair()
protocol = recorder()
if {server_side}:
    opening = loop.create_unix_connection(lambda: protocol, sock=near, ssl=client_tls(), server_hostname="localhost")
else:
    opening = loop.connect_accepted_socket(lambda: protocol, near, ssl=server_tls())
task = loop.create_task(opening)
peer = await tls_peer(far, server_side={server_side})
transport, _ = await task
transport.write(bytes(300_000))
log(await received(peer, 300_000) == bytes(300_000))
peer.send(b"hello")
peer.close()
await asyncio.wait_for(protocol.lost.wait(), 2)
"""
    assert played(script).log == [
        "connection_made",
        "True",
        "data_received b'hello'",
        "eof_received",
        "connection_lost None",
    ]


def test_hands_are_not_shaken_for_ever():
    assert played("near, far = socketpair(); await tls_peer(far)").problem.text == "hands were not shaken"


def test_what_a_task_found_unsupported_is_why_it_is_awaited_in_vain():
    script = "async def fail(): raise NotImplementedError('no such thing')\ntask = loop.create_task(fail())\n"
    problem = played(f"{script}await until(lambda: False)").problem
    assert (problem.kind, problem.text) == ("unsupported", "no such thing")
    kept = []
    played(f"{script}await asyncio.wait([task])\nkeep.append(task)", keep=kept)
    assert kept[0].done()
    assert played("await until(lambda: False)").problem.text == "what was awaited did not happen"


def test_nothing_is_awaited_for_ever():
    assert played("await until(lambda: False)").problem.text == "what was awaited did not happen"
    script = "called = []\nloop.call_later(0.01, called.append, 1)\nawait until(lambda: called)\nlog(*called)"
    assert played(script).log == ["1"]


def test_a_silent_recorder_keeps_what_arrives():
    script = """
protocol = recorder(silent=True)
near, far = socketpair()
transport, _ = await loop.create_unix_connection(lambda: protocol, sock=near)
far.send(b"hello")
await until(lambda: protocol.arrived)
transport.close()
await protocol.lost.wait()
log(bytes(protocol.arrived))
"""
    assert played(script).log == ["b'hello'"]


@pytest.mark.parametrize("family", ["AF_INET", "AF_UNIX"])
def test_datagrams_arrive_with_their_sender_s_address(family):
    seen = played(f"""
near, far = datagram_socket(socket.{family}), datagram_socket(socket.{family})
far.sendto(b"abcdef", near.getsockname())
data, address = await arrives(near, 4)
log(data, address == far.getsockname(), near.getblocking())
await arrives(near)
""")
    assert (seen.log, seen.problem.text) == (["b'abcd' True False"], "no datagram arrived")
    assert not seen.incidents


def test_a_recorder_says_when_something_was_received():
    seen = played("""
peer = datagram_socket()
transport, protocol = await loop.create_datagram_endpoint(recorder, ("127.0.0.1", 0))
peer.sendto(b"x", transport.get_extra_info("sockname"))
await asyncio.wait_for(protocol.received.wait(), 5)
transport.close()
await protocol.lost.wait()
""")
    assert seen.log == ["connection_made", "datagram_received b'x'", "connection_lost None"]


def test_a_transport_is_connected_to_the_listener_that_receives_what_it_writes():
    script = """
silent, wanted, other = bound = [socket.socket() for _ in range(3)]
for one in bound:
    one.bind(("127.0.0.1", 0))
    one.setblocking(False)
wanted.listen()
other.listen()
transport, protocol = await loop.create_connection(recorder, *wanted.getsockname())
with socket.create_connection(other.getsockname()):
    log(await connected_to(transport, [silent, other, wanted]))
transport.close()
await protocol.lost.wait()
for one in bound:
    one.close()
"""
    seen = played(script)
    assert (seen.log, seen.problem, seen.incidents) == (["connection_made", "2", "connection_lost None"], None, [])
    seen = played(script.replace("[silent, other, wanted]", "[silent, other]"))
    assert seen.problem.text == "none of the listeners has received what was written"


@pytest.mark.parametrize("tells", [True, False])
def test_the_address_of_a_datagram_transport_is_told_or_else_seen(tells):
    script = f"""
transport, protocol = await loop.create_datagram_endpoint(datagram_recorder, ("127.0.0.1", 0))
address = transport.get_extra_info("sockname")
if not {tells}:
    transport.get_extra_info = lambda name, default=None: default
log(await address_of(transport) == address)
transport.close()
await protocol.lost.wait()
"""
    assert played(script).log == ["connection_made", "True", "connection_lost None"]


def test_nothing_is_received_for_ever():
    seen = played("near, far = socketpair(); near.send(b'abc'); await received(far)")
    assert seen.problem.text == "after 3 bytes came neither more nor the end"


def test_two_addresses_are_those_of_a_host_of_none():
    script = """
bound = await two_addresses()
found = socket.getaddrinfo(None, bound[0].getsockname()[1], type=socket.SOCK_STREAM)
log([one.getsockname() for one in bound] == [info[4] for info in found])
with raises(ConnectionRefusedError):
    socket.create_connection(bound[0].getsockname()[:2])
"""
    assert played(script).log == ["True", "ConnectionRefusedError"]


def test_traceback_of_an_exception_that_cannot_be_shown():
    script = "class Odd(Exception):\n  def __str__(self): raise RuntimeError\nraise Odd"
    assert played(script).problem.type == "Odd"
