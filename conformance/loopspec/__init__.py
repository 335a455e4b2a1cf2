"""A conformance suite for asyncio event loops: rules, cases, and the engine that plays them."""
