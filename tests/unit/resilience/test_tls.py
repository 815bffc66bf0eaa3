"""TLS: one context for the whole process, and none where nothing is encrypted."""

import ssl

import pytest

from shared.resilience.tls import tls_for


def test_all_clients_verify_with_the_same_context() -> None:
    assert isinstance(tls_for("https://api.hubapi.com"), ssl.SSLContext)
    assert tls_for("https://api.hubapi.com") is tls_for("https://gmail.googleapis.com", "https://oauth2.googleapis.com/token")


def test_certificates_and_host_names_are_checked() -> None:
    context = tls_for("https://api.hubapi.com")
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("urls", [["https://a.example", "http://b.example"], ["HTTP://a.example"], ["ftp://a.example"], ["a.example"]])
def test_one_address_that_is_not_surely_plain_http_is_enough_to_verify(urls: list[str]) -> None:
    assert isinstance(tls_for(*urls), ssl.SSLContext)


def test_plain_http_needs_no_context() -> None:
    assert tls_for("http://127.0.0.1:9", "http://127.0.0.1:10") is False
