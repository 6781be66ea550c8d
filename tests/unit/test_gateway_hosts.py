"""Which hosts are answered: a name that a page of another site chose is not."""

import json

import pytest

from local.gateway import hosts

ANSWERED = hosts.named("pi.local, 192.168.1.5,[fe80::1]")


def refused(host: str, target: str = "/data") -> tuple[int, str] | None:
    answer = hosts.refusal(ANSWERED, target, {"host": host})
    return answer and (answer.status, json.loads(answer.body)["error"])


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.0.0.1:3000", "localhost", "LOCALHOST:3000", "[::1]", "[::1]:3000"),
        *("pi.local", "Pi.Local:3000", "192.168.1.5:80", "[fe80::1]:3000", "localhost:"),
    ],
)
def test_our_own_hosts_and_those_that_are_named_are_answered(host: str) -> None:
    assert refused(host) is None


@pytest.mark.parametrize(
    "host",
    [
        *("attacker.example", "attacker.example:3000", "localhost.attacker.example", "0.0.0.1"),
        *("127.0.0.1.nip.io:3000", "localhost@attacker.example", "localhost:3000@b", "::1", ""),
        *("[::1].attacker.example", "localhost:80:80", "localhost, attacker.example", "127.1"),
    ],
)
def test_any_other_host_is_refused(host: str) -> None:
    found = refused(host)
    assert found is not None
    assert found[0] == 403


def test_the_refusal_says_how_to_allow_the_host() -> None:
    sentence = "This host is not answered here: `make start HOST={}` allows it."
    assert refused("attacker.example:3000") == (403, sentence.format("attacker.example"))
    for no_name in ("a`rm -r .`", "$(a)", "a" * 101, ""):
        assert refused(no_name) == (403, sentence.format("<name>"))


def test_a_target_that_names_a_host_has_to_name_one_that_is_answered_too() -> None:
    assert refused("localhost", "http://localhost:3000/data?a=b") is None
    assert refused("localhost", "/data?a=http://attacker.example/") is None
    assert refused("localhost", "http://attacker.example/data") is not None
    assert refused("localhost", "http://attacker.example?localhost/") is not None
    assert refused("attacker.example", "http://localhost/data") is not None


def test_a_request_without_a_host_is_a_bad_one() -> None:
    answer = hosts.refusal(ANSWERED, "/data", {})
    assert answer is not None
    assert (answer.status, json.loads(answer.body)["error"]) == (
        400,
        "The request has no Host header.",
    )


@pytest.mark.parametrize("text", ["http://pi.local", "pi.local:3000", "*", "a b", "-", "[::1"])
def test_what_is_no_name_is_not_taken(text: str) -> None:
    with pytest.raises(ValueError, match=text.replace("*", r"\*").replace("[", r"\[")):
        hosts.named(text)


def test_nothing_named_leaves_our_own() -> None:
    assert hosts.named("") == hosts.named("localhost") == hosts.OWN
