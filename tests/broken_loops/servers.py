"""What the broken loops with servers of their own derive from."""

from __future__ import annotations

from typing import Any

from refloop import ReferenceLoop
from refloop.server_objects import Server


def loop_with(server_class: type[Server], *methods: str) -> type[ReferenceLoop]:
    """Return a loop whose `methods` give servers of this class; create_server() if none is named."""

    async def make(self: Any, method: str, args: Any, start_serving: bool, options: Any) -> Server:
        server = await getattr(ReferenceLoop, method)(self, *args, start_serving=False, **options)
        server.__class__ = server_class
        if start_serving:
            server._serve()
        return server

    class Loop(ReferenceLoop):
        if "create_server" in methods or not methods:

            async def create_server(self, *args: Any, start_serving: bool = True, **options: Any) -> Any:
                return await make(self, "create_server", args, start_serving, options)

        if "create_unix_server" in methods:

            async def create_unix_server(self, *args: Any, start_serving: bool = True, **options: Any) -> Any:
                return await make(self, "create_unix_server", args, start_serving, options)

    return Loop
