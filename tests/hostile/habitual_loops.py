"""Loops that leave something behind each time, whatever is done with them."""

from __future__ import annotations

import asyncio
import os
import socket
import warnings
from typing import Any

kept: list[Any] = []


class LeavesASocketEachTime(asyncio.SelectorEventLoop):
    def close(self) -> None:
        if not self.is_closed():
            kept.append(socket.socket())
            warnings.warn("unclosed something", ResourceWarning, stacklevel=1, source=self)
        super().close()


class LeavesASocketWithEachConnection(asyncio.SelectorEventLoop):
    async def create_connection(self, *args: Any, **options: Any) -> Any:
        kept.append(socket.socket())
        return await super().create_connection(*args, **options)


class LeavesASocketWithEachSignal(asyncio.SelectorEventLoop):
    def add_signal_handler(self, *args: Any) -> Any:
        kept.append(socket.socket())
        return super().add_signal_handler(*args)

    async def create_server(self, *args: Any, **options: Any) -> Any:
        kept.append(socket.socket())
        return await super().create_server(*args, **options)


class LeavesAPipeWithATimer(LeavesASocketEachTime):
    def call_later(self, *args: Any, **options: Any) -> Any:
        kept.append(os.pipe())
        return super().call_later(*args, **options)
