"""Every difference between the Python versions, 3.10 to 3.15, as each version's documentation has it.

What a later version merely added (a method, a parameter) refloop has on every version, if the interpreter can
do it. Here stand the cases in which the versions contradict each other.
"""

import builtins
import sys
from typing import Any

# loop.set_default_executor: only a ThreadPoolExecutor will do from 3.11 on. Before, anything else was deprecated.
DEFAULT_EXECUTOR_MUST_RUN_THREADS = sys.version_info >= (3, 11)

# loop.set_exception_handler: from 3.12 on, the handler runs in the context of the task or handle that it hears of.
EXCEPTION_HANDLER_RUNS_IN_CONTEXT = sys.version_info >= (3, 12)

# loop.create_task: from 3.14 on, a task factory gets every keyword argument. So it did in 3.13.3, for that release
# only. In all others it gets neither `name` (the task is named afterwards) nor a `context` of None.
# rule: set-task-factory.kwargs.of-3-13-3
TASK_FACTORY_GETS_ALL_KEYWORDS = sys.version_info >= (3, 14) or sys.version_info[:3] == (3, 13, 3)

# loop.create_unix_server: from 3.13 on, the socket's file is removed when the server is closed, unless that is switched
# off. Before, it was the program's to remove, and so it is unless that is switched on.
# rule: create-unix-server.no-cleanup-before-3-13, create-unix-server.cleanup-socket
CLEANUP_SOCKET = sys.version_info >= (3, 13)

# Server.wait_closed: from 3.12 on it waits for the end of every connection. Before, it returned at once if the server
# was closed already.
WAIT_CLOSED_WAITS_FOR_CONNECTIONS = sys.version_info >= (3, 12)

# loop.create_connection: all_errors raises an ExceptionGroup, which Python 3.10 doesn't have (None).
ExceptionGroup: Any = getattr(builtins, "ExceptionGroup", None)
