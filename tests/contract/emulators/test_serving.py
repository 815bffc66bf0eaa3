"""Ports and servers, as every emulator and every suite is served."""

import socket
import threading

import httpx
import pytest

from emulators.serving import HttpServer, free_port


def test_a_free_port_can_be_bound_and_is_not_answered_twice() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", ports[0]))


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port() + 1))
        assert free_port() != taken.getsockname()[1]


def test_a_server_that_nobody_asked_anything_stops() -> None:
    with HttpServer(_hello) as server:
        pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url, trust_env=False)


def test_many_ask_a_server_at_once_and_all_are_answered() -> None:
    answers: list[str] = []
    with HttpServer(_hello) as server:
        askers = [threading.Thread(target=lambda: answers.append(httpx.get(server.url, trust_env=False).text)) for _ in range(20)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
    assert answers == ["hello"] * 20


def _hello(environ, start_response):
    start_response("200 OK", [("Content-Length", "5")])
    return [b"hello"]
