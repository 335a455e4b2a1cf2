"""Loops with one mistake each in the keyword arguments for Popen, for the cases of running-subprocesses-popen.toml.

TABLE says which case catches which.
"""

from __future__ import annotations

import os
import signal
import sys

from broken import Broken, Starting


class Options(Starting):
    """The keyword arguments pass by `options`, where a mistake can be made."""

    async def start(self, start, factory, command, options):
        return await start(factory, *command, **self.options(command, options))

    def options(self, command, options):
        return options


class PathsAsText(Options):
    def options(self, command, options):
        if not isinstance(options.get("cwd", ""), str):
            raise ValueError("cwd must be a str")
        return options


class IgnoresCwd(Options):
    def options(self, command, options):
        return {**options, "cwd": None}


class AddsToTheEnvironment(Options):
    def options(self, command, options):
        env = {os.fsencode(name): os.fsencode(value) for name, value in (options.get("env") or {}).items()}
        return {**options, "env": {**os.environb, **env}}


class TextInTheEnvironment(Options):
    def options(self, command, options):
        env = options.get("env")
        if env and not all(isinstance(word, str) for item in env.items() for word in item):
            raise TypeError("names and values are str")
        return options


class EnvironmentOfItsBeginning(Options):
    def __init__(self):
        super().__init__()
        self.environment = dict(os.environ)

    def options(self, command, options):
        return {**options, "env": options.get("env") or self.environment}


class EmptyForNone(Options):
    def options(self, command, options):
        return {**options, "env": options["env"] or {}} if "env" in options else options


class ExecutableAsName(Starting):
    async def start(self, start, factory, command, options):
        if executable := options.pop("executable", None):
            command = (executable, *command[1:])
        return await start(factory, *command, **options)


class Without(Options):
    name = ""

    def options(self, command, options):
        return {name: value for name, value in options.items() if name != self.name}


class WithoutExecutable(Without):
    name = "executable"


class WithoutNewSession(Without):
    name = "start_new_session"


class WithoutUmask(Without):
    name = "umask"


class WithoutPreexec(Without):
    name = "preexec_fn"


class WithoutRestoreSignals(Without):
    name = "restore_signals"


class WithoutCloseFds(Without):
    name = "close_fds"


class WithoutPassFds(Without):
    name = "pass_fds"


class AlwaysANewSession(Options):
    def options(self, command, options):
        return {**options, "start_new_session": True}


class OlderArgumentsOnly(Options):
    def options(self, command, options):
        if unknown := {"process_group", "user", "group", "umask"} & options.keys():
            raise ValueError(f"unexpected arguments: {', '.join(unknown)}")
        return options


class GroupBySession(Options):
    def options(self, command, options):
        if "process_group" in options:
            del options["process_group"]
            options["start_new_session"] = True
        return options


class CallsItHere(Options):
    def options(self, command, options):
        if before := options.pop("preexec_fn", None):
            before()
        return options


class StartsItAllTheSame(Options):
    def options(self, command, options):
        if before := options.pop("preexec_fn", None):

            def careful():
                try:
                    before()
                except BaseException as error:
                    print(error, file=sys.stderr)

            options["preexec_fn"] = careful
        return options


class RestoresNoSignals(Options):
    def options(self, command, options):
        return {**options, "restore_signals": False}


class RestoresAlways(Options):
    def options(self, command, options):
        def restore():
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)

        return {**options, "preexec_fn": restore}


class LeavesDescriptorsOpen(Options):
    def options(self, command, options):
        if "pass_fds" in options:
            return options
        return {**options, "close_fds": False}


class ClosesDescriptorsAlways(Options):
    def options(self, command, options):
        return {**options, "close_fds": True}


class MakesThemInheritable(Options):
    def options(self, command, options):
        for descriptor in options.get("pass_fds", ()):
            os.set_inheritable(descriptor, True)
        return options


class HandsTextOn(Starting):
    """What is to be refused is taken, and changes nothing."""

    async def start(self, start, factory, command, options):
        for name in ("universal_newlines", "text", "encoding", "errors", "bufsize", "shell"):
            options.pop(name, None)
        return await start(factory, *command, **options)


class RefusesByTypeError(Starting):
    async def start(self, start, factory, command, options):
        for name in ("universal_newlines", "text", "encoding", "errors", "bufsize", "shell"):
            if name in options:
                raise TypeError(f"unexpected argument: {name}")
        return await start(factory, *command, **options)


TABLE: dict[str, list[Broken]] = {
    "subprocess-exec.popen/cwd": [Broken("PathsAsText"), Broken("IgnoresCwd")],
    "subprocess-exec.popen/env": [Broken("AddsToTheEnvironment"), Broken("TextInTheEnvironment")],
    "subprocess-exec.popen/env-as-it-is-now": [Broken("EnvironmentOfItsBeginning"), Broken("EmptyForNone")],
    "subprocess-exec.popen/executable": [Broken("ExecutableAsName"), Broken("WithoutExecutable")],
    "subprocess-exec.popen/executable-of-a-shell": [Broken("WithoutExecutable")],
    "subprocess-exec.popen/start-new-session": [Broken("WithoutNewSession"), Broken("AlwaysANewSession")],
    "subprocess-exec.popen/process-group": [
        Broken("OlderArgumentsOnly", since="3.11"),
        Broken("GroupBySession", since="3.11"),
    ],
    "subprocess-exec.popen/umask": [Broken("WithoutUmask")],
    "subprocess-exec.popen/user-and-group": [Broken("OlderArgumentsOnly")],
    "subprocess-exec.popen/preexec-fn": [Broken("CallsItHere"), Broken("WithoutPreexec")],
    "subprocess-exec.popen/preexec-fn-that-raises": [Broken("StartsItAllTheSame")],
    "subprocess-exec.popen/restore-signals": [
        Broken("RestoresNoSignals"),
        Broken("RestoresAlways"),
        Broken("WithoutRestoreSignals"),
    ],
    "subprocess-exec.popen/close-fds": [
        Broken("LeavesDescriptorsOpen"),
        Broken("ClosesDescriptorsAlways"),
        Broken("WithoutCloseFds"),
    ],
    "subprocess-exec.popen/pass-fds": [Broken("WithoutPassFds"), Broken("MakesThemInheritable")],
    "subprocess-exec.refused/before-anything-is-started": [Broken("HandsTextOn"), Broken("RefusesByTypeError")],
}
