"""Transports: what stands between a descriptor and a protocol.

library/asyncio-protocol.html#transports

A transport has a life (lifecycle.py), and a side that reads (reading.py) or one that writes (writing.py), or both.
Out of these three every kind is made: streams.py, pipes.py, datagrams.py. tls.py lies on top of another transport,
subprocesses.py beside three of them. They use documented methods of the loop only.
"""
