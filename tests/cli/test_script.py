"""`loopspec script`: programs that need no loopspec and come to the same verdict."""

import subprocess
import sys
from pathlib import Path

import pytest

from loopspec.catalogue import load
from loopspec.loops import Loop, find_loop
from loopspec.programs.script import ScriptError, inlined, program
from tests.cli.conftest import HERE, Run

CASES = ("--cases", "cases")


def played(text: str, tmp_path: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    path = tmp_path / "program.py"
    path.write_text(text)
    command = [sys.executable, *(options or ("-I",)), str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def case_file(tmp_path: Path, run: str, log: str, more: str = "") -> Path:
    head, _, _ = (HERE / "cases" / "first.toml").read_text().partition("[[rule.case]]")
    path = tmp_path / "case.toml"
    about = "A case that is here to be written as a program."
    path.write_text(f"{head}[[rule.case]]\nid = 'case'\nabout = '{about}'\n{more}run = '''\n{run}'''\nlog = {log}\n")
    return path


def outcome(tmp_path: Path, run: str, log: str, more: str = "") -> "subprocess.CompletedProcess[str]":
    (entry,) = load([case_file(tmp_path, run, log, more)]).entries
    return played(program(entry, find_loop("stdlib")), tmp_path)


def test_a_loop_that_does_it_and_one_that_does_not(run: Run, tmp_path: Path) -> None:
    identifier = "order.fifo/one-after-the-other/count=2"
    ended = run("script", identifier, *CASES)
    assert ended.status == 0
    assert played(ended.out, tmp_path).returncode == 0
    ended = run("script", identifier, "--loop", "wrong_loops:StackEventLoop", *CASES)
    assert "from wrong_loops import StackEventLoop as new_event_loop\n" in ended.out
    assert "#         order.fifo: loop.call_soon, must, documented\n" in ended.out
    assert "# Rule    What is scheduled first is called first.\n" in ended.out
    (tmp_path / "wrong_loops.py").write_text((HERE / "wrong_loops.py").read_text())
    done = played(ended.out, tmp_path, "-B")
    assert done.returncode == 1
    assert done.stdout.splitlines()[1:-1] == ["- 0", "  1"]
    assert done.stdout.endswith("NOT as expected\n")


def test_only_the_words_that_are_used_are_copied(run: Run) -> None:
    text = run("script", "order.fifo/one-alone", *CASES).out
    assert "async def case(loop, log):\n    async def work():\n" in text
    assert "    loop.run_until_complete(case(loop, stage.log))\n" in text
    for word in ("def raises", "def socketpair", "_mark", "_polling", "import trustme", "import loopspec"):
        assert word not in text


def test_into_a_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bug.py"
    ended = run("script", "order.fifo/one-alone", "-o", str(path), *CASES)
    assert (ended.status, ended.out) == (0, "")
    assert path.read_text() == run("script", "order.fifo/one-alone", *CASES).out
    ended = run("script", "order.fifo/one-alone", "-o", str(tmp_path), *CASES)
    assert (ended.status, ended.err) == (2, f"{tmp_path}: cannot be written: is a directory\n")


def test_one_case_is_needed(run: Run) -> None:
    ended = run("script", "order.fifo", *CASES)
    assert ended.status == 2
    assert ended.err.startswith("order.fifo has 3 cases: name one of order.fifo/one-after-the-other/count=2, ")
    assert run("script", "later.called", *CASES).status == 0
    assert run("script", "close.not-while-needed", *CASES).err.startswith("close.not-while-needed has no case")
    assert run("script", "later.called", "--loop", "nope", *CASES).err.startswith("unknown loop 'nope'")


@pytest.mark.parametrize(
    ("script", "log", "more"),
    [
        ("log('a')\nlog('b')\n", '[["b", "a"]]', ""),
        ("log('b')\n", '["a"]', 'accepts = [["b"]]\n'),
        ("with raises(ValueError):\n    int('x')\n", '["ValueError"]', ""),
        ("near, far = socketpair()\nlog(near.fileno() != far.fileno())\n", '["True"]', ""),
        ("raise KeyError('x')\n", '["KeyError ended the script"]', ""),
        ("log(value, more)\n", "[\"inf [1, {'a': 2}]\"]", "each = [{ value = inf, more = [1, { a = 2 }] }]\n"),
        ("log(value.year)\n", '["2026"]', "each = [{ value = 2026-01-02 }]\n"),
        ("log(os.environ['WORD'])\n", '["said"]', 'environment = { WORD = "said" }\n'),
        ("log(sys.flags.dev_mode)\n", '["True"]', 'environment = { PYTHONDEVMODE = "1" }\n'),
        ("loop.call_exception_handler({'message': 'x'})\n", "[]", 'incidents = ["error-logged"]\n'),
        ("text = '''\n  as it\nis\n'''\nlog(text.split('\\n')[1:3])\n", "[\"['  as it', 'is']\"]", ""),
        ("count = 0\n\ndef more():\n    global count\n    count += 1\n\nmore()\nlog(count)\n", '["1"]', ""),
        ("log(eval(code))\nexec(more)\n", '["3", "x"]', "each = [{ code = '1 + 2', more = \"log('x')\" }]\n"),
        ("code = '1 + 2'\nlog(eval(code), code)\n", '["3 1 + 2"]', ""),
        ("signal, before = 1, signal.SIGINT\nlog(signal, int(before))\n", '["1 2"]', ""),
        ("log((tmp_path / 'none').exists())\n", '["False"]', ""),
        ("await asyncio.sleep(0)\nlog('slept')\n", '["slept"]', ""),
    ],
)
def test_what_a_script_may_be(tmp_path: Path, script: str, log: str, more: str) -> None:
    if "'''" in script:
        script = script.replace("'''", '"""')
    done = outcome(tmp_path, script, log, more)
    assert (done.returncode, done.stdout) == (0, "as expected\n"), done.stderr


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("log('other')\n", "- right"),
        ("log('right')\nlog('more')\n", "+ more"),
        ("log('right')\nnear, far = socket.socketpair()\nos.dup(near.fileno())\n", "resource-warning"),
        ("log('right')\nos.dup(0)\n", "descriptors-left"),
        ("log('right')\nsignal.signal(signal.SIGUSR1, print)\n", "signal-handlers-left: signal 10"),
        ("log('right')\nloop.call_exception_handler({'message': 'why'})\n", "error-logged: why"),
        ("log('right')\n1 / 0\n", "+ ZeroDivisionError ended the script"),
        ("log('right')\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n", "threads-left"),
        (
            "log('right')\nsubprocess.Popen(python('pass'))\n",
            "children-left",
        ),
    ],
)
def test_what_nobody_expects_makes_it_fail(tmp_path: Path, script: str, said: str) -> None:
    done = outcome(tmp_path, script, '["right"]')
    assert done.returncode == 1
    assert said in done.stdout
    assert done.stdout.endswith("NOT as expected\n")


def test_a_case_that_hangs_ends(tmp_path: Path) -> None:
    done = outcome(tmp_path, "loop.run_forever()\n", "[]", "timeout = 0.5\n")
    assert done.returncode == 1
    assert "Timeout" in done.stderr


def test_certificates_go_with_the_program(tmp_path: Path) -> None:
    script = """\
async def serve(reader, writer):
    writer.write(await reader.readline())
    writer.close()

server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_tls())
host, port = server.sockets[0].getsockname()
reader, writer = await asyncio.open_connection(host, port, ssl=client_tls(), server_hostname="localhost")
writer.write(b"hello" + bytes([10]))
log(await reader.readline())
writer.close()
server.close()
await server.wait_closed()
"""
    (entry,) = load([case_file(tmp_path, script, r"""["b'hello\\n'"]""")]).entries
    text = program(entry, find_loop("stdlib"))
    assert "trustme" not in text
    assert "-----BEGIN CERTIFICATE-----" in text
    done = played(text, tmp_path)
    assert "- b'hello" not in done.stdout, done.stdout + done.stderr


def test_a_loop_with_set_up_brings_it_along(tmp_path: Path) -> None:
    prepare = "import asyncio\n\ndef new_event_loop():\n    return asyncio.new_event_loop()\n"
    loop = Loop(name="prepared", prepare=prepare, environment={"PREPARED": "yes"})
    (entry,) = load([case_file(tmp_path, "log(os.environ['PREPARED'])\n", '["yes"]')]).entries
    done = played(program(entry, loop), tmp_path)
    assert (done.returncode, done.stdout) == (0, "as expected\n"), done.stderr


def test_a_number_has_it_played_so_often_until_it_fails(tmp_path: Path) -> None:
    script = "sys.played = getattr(sys, 'played', 0) + 1\nprint('play', sys.played)\nlog(sys.played < 3)\n"
    (entry,) = load([case_file(tmp_path, script, '["True"]')]).entries
    path = tmp_path / "program.py"
    path.write_text(program(entry, find_loop("stdlib")))

    def plays(*times: str) -> tuple[int, list[str]]:
        done = subprocess.run([sys.executable, str(path), *times], capture_output=True, text=True, check=False)
        return done.returncode, [line for line in done.stdout.splitlines() if line[:1] in "paN"]

    assert plays() == (0, ["play 1", "as expected"])
    assert plays("2") == (0, ["play 1", "play 2", "as expected"])
    assert plays("20") == (1, ["play 1", "play 2", "play 3", "NOT as expected"])


def test_what_an_exception_leaves_is_no_leak(tmp_path: Path) -> None:
    done = outcome(tmp_path, "sys.kept = socket.socket()\n1 / 0\n", '["nothing"]')
    assert done.returncode == 1
    assert "+ ZeroDivisionError ended the script" in done.stdout
    assert "descriptors-left" not in done.stdout


def test_what_cannot_be_a_program(tmp_path: Path) -> None:
    (entry,) = load([case_file(tmp_path, "log(eval('1' + '2'))\n", '["12"]')]).entries
    with pytest.raises(ScriptError, match=r"makes code while it runs, by eval\(\)"):
        program(entry, find_loop("stdlib"))
    (entry,) = load([case_file(tmp_path, "from os import *\n", "[]")]).entries
    with pytest.raises(ScriptError, match="cannot be written as a program"):
        program(entry, find_loop("stdlib"))


def test_of_what_only_strace_sees_the_program_says_how(tmp_path: Path) -> None:
    script = "with polls():\n    log('inside')\nlog('after')\n"
    log = '["poll(0)", "inside", "poll(timed)", "after"]'
    (entry,) = load([case_file(tmp_path, script, log, 'witness = "syscalls"\n')]).entries
    text = program(entry, find_loop("stdlib"))
    assert "Expected: poll(0), poll(timed)." in text
    assert "strace -f -e trace=?epoll_wait," in text
    done = played(text, tmp_path)
    assert (done.returncode, done.stdout) == (0, "as expected\n"), done.stderr


def test_built_in_cases_can_be_written() -> None:
    stdlib = find_loop("stdlib")
    entries = load().entries
    for entry in entries:
        assert inlined(entry)
    for entry in entries[::20]:
        assert "def case(" in program(entry, stdlib)
