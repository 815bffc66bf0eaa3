"""Mail domains, names, and what is known of a contact's company."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.people import is_free_mail, mail_domain
from tests.builders import a_contact, an_identity

LOCAL = st.text(st.characters(codec="utf-8"), max_size=10)


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ana@Brightleaf.Example", "brightleaf.example"),
        ('"odd@name"@brightleaf.example', "brightleaf.example"),
        ("ana@brightleaf.example ", "brightleaf.example"),
        ("ana", ""),
        ("ana@", ""),
        ("", ""),
    ],
)
def test_the_domain_is_what_stands_after_the_last_at(address: str, domain: str):
    assert mail_domain(address) == domain


@given(LOCAL)
def test_whatever_the_local_part_the_domain_is_the_same(local: str):
    assert mail_domain(f"{local}@brightleaf.example") == "brightleaf.example"


@pytest.mark.parametrize(
    ("address", "free"),
    [("ana@gmail.com", True), ("ANA@GMX.DE", True), ("ana@brightleaf.example", False), ("ana@mail.gmail.com", False), ("gmail.com", False)],
)
def test_free_mail_tells_nothing_about_a_company(address: str, free: bool):
    assert is_free_mail(address) is free


@pytest.mark.parametrize(
    ("first", "last", "name"), [("Ana", "Silva", "Ana Silva"), ("Ana", "", "Ana"), ("", "Silva", "Silva"), ("", "", "")]
)
def test_a_name_is_what_is_known_of_it(first: str, last: str, name: str):
    assert a_contact(first_name=first, last_name=last).name == name


def test_the_industry_is_the_companys_if_there_is_one():
    assert an_identity().industry == "Marketing and Advertising"
    assert an_identity(company=None).industry == ""


@pytest.mark.parametrize(
    "domain",
    [
        "yahoo.fr", "yahoo.co.uk", "hotmail.co.uk", "hotmail.it", "outlook.de", "live.nl", "gmx.at", "gmx.ch", "sfr.fr", "btinternet.com",
        "bluewin.ch", "freenet.de", "seznam.cz", "wp.pl", "virgilio.it", "ziggo.nl", "telenet.be", "sapo.pt", "bell.net", "bigpond.com",
        "comcast.net", "pm.me", "posteo.de",
    ],
)  # fmt: skip
def test_the_services_of_a_country_are_known_as_those_of_the_world(domain: str):
    """A person's address there is a private subscriber's, whom the ePrivacy rules protect; and their firm is not the service."""
    assert is_free_mail(f"jean@{domain}")
