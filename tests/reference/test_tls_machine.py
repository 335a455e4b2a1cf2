"""TLS without input and output: two machines, and bytes carried from one to the other by hand."""

import ssl

import pytest
import trustme

from refloop.transports.tls_machine import CLOSED, CLOSING, FAILED, HANDSHAKING, RECORD, TLSMachine


@pytest.fixture(scope="module")
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


def carry(sender: TLSMachine, receiver: TLSMachine) -> bool:
    data = sender.take()
    if data:
        receiver.feed(data)
    return bool(data)


def established(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> tuple[TLSMachine, TLSMachine]:
    server, client = TLSMachine(contexts[0], True, None), TLSMachine(contexts[1], False, "localhost")
    assert server.state is HANDSHAKING
    while server.state is HANDSHAKING or client.state is HANDSHAKING:
        for machine, other in ((client, server), (server, client)):
            if machine.state is HANDSHAKING:
                machine.handshake()
            carry(machine, other)
    assert client.decrypt() is None  # the server's session tickets are no data
    return server, client


def test_data_goes_both_ways(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = established(contexts)
    client.encrypt(b"hello")
    carry(client, server)
    assert server.may_decrypt()
    assert server.decrypt() == b"hello"
    assert server.decrypt() is None
    server.encrypt(memoryview(b"and back"))
    carry(server, client)
    buffer = bytearray(3)
    pieces = b""
    while number := client.decrypt_into(buffer):
        pieces += buffer[:number]
    assert pieces == b"and back"


def test_more_than_a_record(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = established(contexts)
    sent = bytes(range(256)) * 1000
    client.encrypt(sent[: RECORD - 1])
    client.encrypt(sent[RECORD - 1 :])
    assert not client.plain
    carry(client, server)
    received = b""
    while piece := server.decrypt():
        received += piece
    assert received == sent


def test_closing_takes_both(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = established(contexts)
    client.close()
    assert client.state is CLOSING
    carry(client, server)
    assert server.decrypt() == b""
    server.close()
    assert server.state is CLOSED
    carry(server, client)
    client.throw_away()
    assert client.state is CLOSED


def test_what_is_still_under_way_does_not_hinder_closing(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = established(contexts)
    server.encrypt(b"too late")
    carry(server, client)
    client.close()
    assert client.state is CLOSING
    assert carry(client, server)
    server.encrypt(b"later still")
    carry(server, client)
    client.throw_away()
    assert client.state is CLOSING
    assert server.decrypt() == b""
    server.close()
    carry(server, client)
    client.throw_away()
    assert client.state is CLOSED


def test_a_peer_that_does_not_speak_tls(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server = TLSMachine(contexts[0], True, None)
    server.feed(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(ssl.SSLError):
        server.handshake()
    assert server.state is FAILED


def test_data_that_was_tampered_with(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = established(contexts)
    client.encrypt(b"hello")
    *data, last = client.take()
    server.feed(bytes([*data, last ^ 1]))
    with pytest.raises(ssl.SSLError):
        server.decrypt()
    assert server.state is FAILED


def test_a_certificate_for_somebody_else(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = TLSMachine(contexts[0], True, None), TLSMachine(contexts[1], False, "example.org")
    client.handshake()
    carry(client, server)
    server.handshake()
    carry(server, client)
    with pytest.raises(ssl.SSLCertVerificationError):
        client.handshake()
    assert client.state is FAILED
    assert client.take()  # TLS tells the server why
