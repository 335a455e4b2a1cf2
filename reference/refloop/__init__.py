"""refloop: a complete asyncio event loop in plain Python, written to be read beside the documentation.

Start with README.md in the folder above this package.
"""

from refloop.loop import ReferenceLoop, new_event_loop

__all__ = ["ReferenceLoop", "new_event_loop"]
