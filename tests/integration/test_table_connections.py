"""Connections to DynamoDB: kept and made anew, over TLS, and never trusted beyond what is known."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from quarterhour.store.table import trust
from quarterhour.store.table.refused import CallLost, CallRefused, ClockSkewed, Unreachable
from quarterhour.store.table.trust import Trust
from quarterhour.store.table.wire import Wire
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.integration

KEY: Any = {"TableName": "t", "Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}}
ITEM = b'{"Item":{"a":{"B":"AAE="}}}'
_ALL = 65_536


@dataclass(frozen=True)
class Step:
    """What is done with a request: it is answered, unless `said` is empty; then the end, or not."""

    said: bytes = b""
    ends: bool = False


END, SILENCE = Step(ends=True), Step()


def answer(body: bytes = ITEM, status: int = 200, *headers: str, ends: bool = False) -> Step:
    """Return an answer over a connection that stays open, or is closed after it without a word."""
    lines = (f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", "")
    return Step("\r\n".join(lines).encode() + body, ends)


@dataclass
class Server:
    """Does the steps in turn, one a request; `requests` has what came, and by which connection."""

    steps: list[Step]
    port: int = 0
    tls: ssl.SSLContext | None = None
    requests: list[tuple[int, bytes]] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def serve(self, listening: socket.socket) -> None:
        for number in range(100):
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            try:
                if self.tls:
                    connection = self.tls.wrap_socket(connection, server_side=True)
                with connection:
                    self._converse(connection, number)
            except OSError:  # a client that did not trust it
                continue
            finally:
                connection.close()
                self.closed.set()

    def _converse(self, connection: socket.socket, number: int) -> None:
        while request := _read(connection):
            self.requests.append((number, request))
            step = self.steps.pop(0)
            connection.sendall(step.said)
            if step == SILENCE:
                self.over.wait()
            if step.ends:
                return


def _read(connection: socket.socket) -> bytes:
    """Return a whole request; nothing where the other side has closed the connection."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (part := connection.recv(_ALL)):
            return b""
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    while len(body) < length:
        body += connection.recv(_ALL)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(*steps: Step, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run such a server until the end of the block; it has done all its steps then."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server([*steps], listening.getsockname()[1], tls)
        thread = threading.Thread(target=server.serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield server
            assert server.steps == []
        finally:
            server.over.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextmanager
def wire_to(
    server: Server,
    host: str = "http://127.0.0.1",
    *,
    read_s: float = PATIENCE_S,
    clock: Callable[[], float] = time.time,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Wire]:
    environ = {
        "AWS_ENDPOINT_URL_DYNAMODB": f"{host}:{server.port}",
        "AWS_REGION": "eu-north-1",
        "AWS_ACCESS_KEY_ID": "AKID",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    made = Wire({**environ, **(variables or {})}, PATIENCE_S, read_s, clock)
    yield made
    made.close()


def test_a_connection_is_kept_for_the_next_request() -> None:
    with serving(answer(), answer(), answer()) as server, wire_to(server) as wire:
        for _ in range(3):
            assert wire.get_item(**KEY)["Item"] == {"a": {"B": b"\x00\x01"}}
    assert [number for number, _ in server.requests] == [0, 0, 0]


def test_a_request_says_what_it_is_once() -> None:
    with serving(answer()) as server, wire_to(server) as wire:
        wire.get_item(**KEY)
    ((_, request),) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    names = [line.partition(":")[0].lower() for line in lines]
    assert first == "POST / HTTP/1.1"
    assert len(names) == len(set(names))
    assert f"Host: 127.0.0.1:{server.port}" in lines
    assert "X-Amz-Target: DynamoDB_20120810.GetItem" in lines
    assert "Accept-Encoding: identity" in lines
    assert json.loads(body) == KEY


def connections(server: Server) -> list[int]:
    """Return by which connection each request came."""
    return [number for number, _ in server.requests]


def test_one_that_was_closed_meanwhile_is_not_used() -> None:
    """Whatever the request: nothing was sent over it."""
    with serving(answer(ends=True), answer(b"{}")) as server, wire_to(server) as wire:
        wire.get_item(**KEY)
        assert server.closed.wait(PATIENCE_S)
        wire.update_item(**KEY)
    assert connections(server) == [0, 1]


READS = ("get_item", "batch_get_item", "query")
WRITES = ("put_item", "update_item", "delete_item", "transact_write_items")


@pytest.mark.parametrize("method", READS)
def test_a_read_is_sent_once_more_where_its_kept_connection_ends(method: str) -> None:
    with serving(answer(), END, answer()) as server, wire_to(server) as wire:
        wire.get_item(**KEY)
        assert "Item" in getattr(wire, method)(**KEY)
    assert connections(server) == [0, 0, 1]


def test_it_is_sent_no_third_time() -> None:
    with serving(answer(), END, END) as server, wire_to(server) as wire:
        wire.get_item(**KEY)
        with pytest.raises(CallLost):
            wire.get_item(**KEY)
    assert connections(server) == [0, 0, 1]


@pytest.mark.parametrize("method", WRITES)
def test_a_write_is_not_since_it_may_have_been_applied(method: str) -> None:
    """Whoever sends it again has to look at the clock first."""
    with serving(answer(), END) as server, wire_to(server) as wire:
        wire.get_item(**KEY)
        with pytest.raises(CallLost):
            getattr(wire, method)(**KEY)
    assert connections(server) == [0, 0]


@pytest.mark.parametrize("method", ["get_item", "update_item"])
def test_nothing_is_sent_again_over_a_connection_that_is_new(method: str) -> None:
    with serving(END) as server, wire_to(server) as wire, pytest.raises(CallLost):
        getattr(wire, method)(**KEY)
    assert connections(server) == [0]


def test_an_answer_that_does_not_come_in_time_is_lost_with_its_connection() -> None:
    with serving(answer(), SILENCE) as server, wire_to(server, read_s=0.2) as wire:
        wire.get_item(**KEY)
        with pytest.raises(CallLost, match="imed out"):
            wire.get_item(**KEY)
        assert wire.connections._idle == []
    assert connections(server) == [0, 0]


def test_an_answer_that_ends_the_connection_is_believed() -> None:
    steps = [answer(ITEM, 200, "Connection: close", ends=True) for _ in range(2)]
    with serving(*steps) as server, wire_to(server) as wire:
        for _ in range(2):
            assert wire.get_item(**KEY)["Item"]
    assert connections(server) == [0, 1]


def test_bytes_after_an_answer_are_not_taken_for_the_next() -> None:
    early = answer(b'{"Item":{"a":{"N":"1"}}}').said
    with serving(Step(answer().said + early), answer()) as server, wire_to(server) as wire:
        wire.get_item(**KEY)
        assert wire.get_item(**KEY)["Item"] == {"a": {"B": b"\x00\x01"}}


def test_threads_have_connections_of_their_own() -> None:
    together = threading.Barrier(4)
    with serving() as server, wire_to(server) as wire:
        taken = [wire.connections._made() for _ in range(2)]
        wire.connections._idle.extend(taken)
        found = set[int]()

        def take() -> None:
            one = wire.connections._kept() or wire.connections._made()
            found.add(id(one))
            together.wait(PATIENCE_S)
            one.close()

        threads = [threading.Thread(target=take) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 4


def test_where_nobody_listens_nothing_is_sent() -> None:
    with serving() as server:
        pass
    with wire_to(server) as wire, pytest.raises(Unreachable, match="no connection to http://127"):
        wire.get_item(**KEY)


def test_a_token_of_two_lines_is_no_header() -> None:
    token = {"AWS_SESSION_TOKEN": "a\nX-Other: b"}
    with (
        serving() as server,
        wire_to(server, variables=token) as wire,
        pytest.raises(ValueError, match="line"),
    ):
        wire.get_item(**KEY)
    assert server.requests == []


# TLS


@dataclass(frozen=True)
class Certificates:
    """A server's context, and the file of the authority that has signed its certificate."""

    context: ssl.SSLContext
    authority: str


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Those of `localhost`, made here."""
    folder = tmp_path_factory.mktemp("certificates")
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _certificate("an authority", authority_key, "an authority", authority_key)
    of_server = _certificate("localhost", key, "an authority", authority_key)
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    chain = of_server.public_bytes(pem) + key.private_bytes(pem, *plain)
    (folder / "server.pem").write_bytes(chain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return Certificates(context, str(folder / "authority.pem"))


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, issuer_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    is_authority = name == issuer
    now = datetime.now(UTC)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    of_issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    usage = dict.fromkeys(
        (
            *("content_commitment", "crl_sign", "data_encipherment", "decipher_only"),
            *("encipher_only", "key_agreement", "key_encipherment"),
        ),
        False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(of_issuer, critical=False)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=is_authority, **usage),
            critical=True,
        )
        .sign(issuer_key, hashes.SHA256())
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def test_tls_is_spoken_to_a_server_that_is_trusted(certificates: Certificates) -> None:
    steps = answer(), answer(), answer(ends=True), answer()
    trusted = {"AWS_CA_BUNDLE": certificates.authority}
    with (
        serving(*steps, tls=certificates.context) as server,
        wire_to(server, "https://localhost", variables=trusted) as wire,
    ):
        for _ in range(3):
            assert wire.get_item(**KEY)["Item"] == {"a": {"B": b"\x00\x01"}}
        assert server.closed.wait(PATIENCE_S)
        assert wire.get_item(**KEY)["Item"]
    assert connections(server) == [0, 0, 0, 1]


def test_nothing_is_sent_to_one_of_another_name(certificates: Certificates) -> None:
    trusted = {"AWS_CA_BUNDLE": certificates.authority}
    with (
        serving(tls=certificates.context) as server,
        wire_to(server, "https://127.0.0.1", variables=trusted) as wire,
        pytest.raises(Unreachable, match="IP address mismatch"),
    ):
        wire.get_item(**KEY)
    assert server.requests == []


def test_nothing_is_sent_to_one_that_nobody_known_vouches_for(certificates: Certificates) -> None:
    with (
        serving(tls=certificates.context) as server,
        wire_to(server, "https://localhost") as wire,
        pytest.raises(Unreachable, match="unable to get local issuer certificate"),
    ):
        wire.get_item(**KEY)
    assert server.requests == []


def names(wire: Wire) -> set[str]:
    """Return whom a wire trusts."""
    trust = wire.connections._trust
    assert trust
    assert trust.context.verify_mode == ssl.CERT_REQUIRED
    assert trust.context.check_hostname
    return {dict(part[0] for part in one["subject"])["commonName"] for one in _roots(trust)}


def _roots(trust: Trust) -> list[Any]:
    found: list[Any] = trust.context.get_ca_certs()
    return [one for one in found if any(part[0][0] == "commonName" for part in one["subject"])]


AMAZONS = {f"Amazon Root CA {nth}" for nth in range(1, 5)}
AMAZONS |= {"Starfield Services Root Certificate Authority - G2"}


def test_what_botocore_trusts_is_trusted() -> None:
    with serving() as server, wire_to(server, "https://localhost") as wire:
        assert len(names(wire)) > 100
        assert names(wire) > AMAZONS


def test_of_a_host_of_amazons_only_its_own_are_read_first() -> None:
    region = {"AWS_REGION": "eu-north-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    named = {"AWS_ENDPOINT_URL_DYNAMODB": "https://dynamodb.eu-north-1.amazonaws.com"}
    wire = Wire({**region, **named}, PATIENCE_S, PATIENCE_S)
    assert names(wire) == AMAZONS
    assert wire.connections._trust
    assert wire.connections._trust.widen()
    assert len(names(wire)) > 100
    assert not wire.connections._trust.widen()


@pytest.mark.parametrize("is_trusted", [True, False])
def test_the_others_are_read_where_amazons_have_not_signed(
    certificates: Certificates,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    is_trusted: bool,
) -> None:
    monkeypatch.setattr(trust, "_AMAZONS_HOSTS", "localhost")
    found = find_spec("botocore")
    assert found
    assert found.origin
    of_botocore = Path(found.origin).with_name("cacert.pem").read_text(encoding="utf-8")
    more = Path(certificates.authority).read_text(encoding="utf-8") if is_trusted else ""
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(of_botocore + more, encoding="utf-8")
    steps = [answer()] if is_trusted else []
    with (
        serving(*steps, tls=certificates.context) as server,
        wire_to(server, "https://localhost", variables={"AWS_CA_BUNDLE": str(bundle)}) as wire,
    ):
        assert names(wire) == AMAZONS
        if is_trusted:
            assert wire.get_item(**KEY)["Item"]
        else:
            with pytest.raises(Unreachable, match="unable to get local issuer certificate"):
                wire.get_item(**KEY)
        assert len(names(wire)) > 100
    assert connections(server) == [1] * is_trusted


# Refusals for the clock


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SKEWED = b'{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"%s"}'


@pytest.mark.parametrize(
    ("off_s", "sentence"),
    [(400, r"clock is \+400 s off DynamoDB's. Signature"), (-9000, r"clock is -9000 s off")],
)
def test_a_clock_that_is_off_is_told_from_keys_that_are_wrong(off_s: int, sentence: str) -> None:
    date = f"Date: {format_datetime(NOW, usegmt=True)}"
    step = answer(SKEWED % b"Signature expired", 400, date)
    with (
        serving(step) as server,
        wire_to(server, clock=lambda: NOW.timestamp() + off_s) as wire,
        pytest.raises(ClockSkewed, match=sentence) as caught,
    ):
        wire.get_item(**KEY)
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"


@pytest.mark.parametrize("date", [f"Date: {format_datetime(NOW, usegmt=True)}", "Date: x", "X: y"])
def test_a_signature_that_is_wrong_at_the_right_time_is_refused_as_it_is(date: str) -> None:
    step = answer(SKEWED % b"The signature does not match", 400, date)
    with (
        serving(step) as server,
        wire_to(server, clock=lambda: NOW.timestamp() + 200) as wire,
        pytest.raises(CallRefused, match="Exception: The signature") as caught,
    ):
        wire.get_item(**KEY)
    assert not isinstance(caught.value, ClockSkewed)
