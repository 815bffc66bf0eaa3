"""Whether somebody may be written to by the law of where they are, and what the footer has to say there."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.audit import Actor, ActorKind
from shared.domain.compliance import Compliance
from shared.domain.countries import SPELLINGS
from shared.domain.footer import Footer
from shared.domain.jurisdictions import LAWS, Basis, Jurisdiction, Part, country_where, jurisdiction_of
from shared.domain.lawful_basis import Footing, bases_in, footing_of
from shared.domain.lawfulness import Letter, footer_of, ground_of, may_be_sent, may_be_watched, unlawful
from shared.domain.sends import Touch
from shared.domain.tracked import Tracked
from tests.builders import MONDAY, a_company, a_contact, a_draft, a_form_entry, a_message, a_thread, a_thread_reading, an_identity, at
from tests.footers import a_footer

OPEN = Compliance(consent_only=())
WEIGHED = Compliance(assessment="LIA-2026-03")
OUTREACH = Letter(touch=Touch.OUTREACH, footer=a_footer())
COUNTRIES = [*SPELLINGS, "", "JP"]
BASES = st.lists(st.sampled_from(sorted(set(Basis) - {Basis.NONE, Basis.INQUIRY})), unique=True).map(tuple)


def against(footing: Footing, rules: Compliance = Compliance(), letter: Letter = OUTREACH) -> list[str]:  # noqa: B008 - frozen
    return [one.rule for one in unlawful(rules, footing, letter=letter, now=MONDAY)]


def where(contact: str = "", company: str = "", *domains: str) -> Jurisdiction:
    return jurisdiction_of(country_where(contact=contact, company=company, domains=domains))


@pytest.mark.parametrize(
    ("told", "jurisdiction"),
    [
        ("United States", Jurisdiction.US), ("U.S.A.", Jurisdiction.US), ("us", Jurisdiction.US), ("united_states", Jurisdiction.US),
        ("Canada", Jurisdiction.CA), ("Deutschland", Jurisdiction.DE), ("DE", Jurisdiction.DE), ("Österreich", Jurisdiction.AT),
        ("OSTERREICH", Jurisdiction.AT), ("England", Jurisdiction.UK), ("UK", Jurisdiction.UK),
        ("España", Jurisdiction.EU_CONSENT),
        ("Schweiz", Jurisdiction.EU_CONSENT), ("Portugal", Jurisdiction.EU), ("Australia", Jurisdiction.AU),
        ("Brasil", Jurisdiction.UNKNOWN),
        ("Germny", Jurisdiction.UNKNOWN), ("Narnia", Jurisdiction.UNKNOWN), ("", Jurisdiction.UNKNOWN),
    ],
)  # fmt: skip
def test_a_country_is_known_as_people_spell_it(told: str, jurisdiction: Jurisdiction) -> None:
    assert where(told) is jurisdiction


def test_what_is_stated_of_them_comes_before_their_company_and_that_before_their_domain() -> None:
    assert where("Germany", "United States", "a.co.uk") is Jurisdiction.DE
    assert where("", "United States", "a.com") is Jurisdiction.US
    assert where("", "", "a.co.uk") is Jurisdiction.UK
    assert where("", "", "a.com", "b.at") is Jurisdiction.AT
    assert where("", "", "a.com") is Jurisdiction.UNKNOWN


def test_what_is_stated_and_cannot_be_read_is_not_guessed_from_a_domain() -> None:
    assert where("Germny", "United States", "a.us") is Jurisdiction.UNKNOWN


@pytest.mark.parametrize(
    ("country", "told", "refused"),
    [
        ("US", (), False),
        ("CA", (), True), ("CA", (Basis.LEGITIMATE_INTEREST,), True), ("CA", (Basis.CUSTOMER,), True), ("CA", (Basis.CONSENT,), False),
        ("PT", (), True), ("PT", (Basis.LEGITIMATE_INTEREST,), False), ("PT", (Basis.CUSTOMER,), False),
        ("CH", (), True), ("CH", (Basis.LEGITIMATE_INTEREST,), True), ("CH", (Basis.CUSTOMER,), False), ("CH", (Basis.CONSENT,), False),
        ("DK", (Basis.LEGITIMATE_INTEREST,), True), ("ES", (Basis.LEGITIMATE_INTEREST,), True), ("FR", (Basis.LEGITIMATE_INTEREST,), False),
        ("GB", (), True), ("GB", (Basis.LEGITIMATE_INTEREST,), False),
        ("DE", (), True), ("DE", (Basis.LEGITIMATE_INTEREST,), True), ("DE", (Basis.CUSTOMER,), True), ("DE", (Basis.CONSENT,), False),
        ("AT", (Basis.LEGITIMATE_INTEREST, Basis.CUSTOMER), True), ("AT", (Basis.CONSENT,), False),
        ("AU", (), True), ("AU", (Basis.CUSTOMER,), False), ("AU", (Basis.LEGITIMATE_INTEREST,), True),
        ("", (Basis.CUSTOMER, Basis.LEGITIMATE_INTEREST), True), ("", (Basis.CONSENT,), False),
    ],
)  # fmt: skip
def test_who_may_be_written_to_unasked(country: str, told: tuple[Basis, ...], *, refused: bool) -> None:
    assert against(Footing(country=country, told=told)) == (["lawful_basis"] if refused else [])


def test_a_policy_that_opens_germany_lets_customers_be_written_to_and_nobody_else() -> None:
    assert not against(Footing(country="DE", customer=True), OPEN)
    assert against(Footing(country="DE", told=(Basis.LEGITIMATE_INTEREST,)), OPEN) == ["lawful_basis"]


def test_a_policy_may_ask_for_consent_where_the_law_does_not() -> None:
    assert against(Footing(country="US"), Compliance(consent_only=("US",))) == ["lawful_basis"]


def test_a_legitimate_interest_counts_once_it_was_weighed_in_writing() -> None:
    assert against(Footing(country="PT")) == ["lawful_basis"]
    assert not against(Footing(country="PT"), WEIGHED)
    assert against(Footing(country="DE"), WEIGHED) == ["lawful_basis"]


def test_a_person_at_a_free_mail_service_is_nobodys_business_contact() -> None:
    assert against(Footing(country="PT", personal=True), WEIGHED) == ["lawful_basis"]


@pytest.mark.parametrize("country", COUNTRIES)
def test_who_asks_is_answered_wherever_they_are_without_a_footer(country: str) -> None:
    assert not against(Footing(country=country), letter=Letter(touch=Touch.ANSWER, footer=None))


def test_whoever_wrote_to_us_may_be_written_to_again_for_half_a_year() -> None:
    assert not against(Footing(country="DE", wrote_at=at(days=-180)))
    assert against(Footing(country="DE", wrote_at=at(days=-181))) == ["lawful_basis"]


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("part", Part)
def test_a_footer_says_what_the_law_there_asks_for(country: str, part: Part) -> None:
    lacking = Letter(touch=Touch.FOLLOW_UP, footer=a_footer(**{part.value: ""}))
    needed = part in LAWS[jurisdiction_of(country)].parts
    assert against(Footing(country=country, told=(Basis.CONSENT,)), letter=lacking) == (["footer"] if needed else [])


def test_a_missing_address_says_where_to_put_it() -> None:
    [one] = unlawful(OPEN, Footing(country="US"), letter=Letter(touch=Touch.OUTREACH, footer=a_footer(postal_address="")), now=MONDAY)
    assert one.told == (
        "They are in the United States (US): the footer has to say a postal address."
        " Set it with `sdr workspace set --postal-address`, then have it written anew;"
        " once refused it is not: import them under another --form."
    )


def test_what_may_leave_unseen_says_that_software_wrote_it() -> None:
    unseen = Letter(touch=Touch.ANSWER, footer=None, unseen=True)
    assert against(Footing(), letter=unseen) == ["disclosure"]
    assert not against(Footing(), Compliance(disclosure="never"), unseen)
    assert not against(Footing(), letter=unseen.model_copy(update={"footer": Footer(disclosure="By AI.")}))
    assert against(Footing(), Compliance(disclosure="always"), unseen.model_copy(update={"unseen": False})) == ["disclosure"]


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("told", [(), (Basis.CONSENT,), (Basis.CUSTOMER, Basis.LEGITIMATE_INTEREST)])
@pytest.mark.parametrize("consented", [False, True])
def test_nobody_is_watched_without_a_consent_that_names_it_but_where_the_law_lets_everybody_be(
    country: str, told: tuple[Basis, ...], *, consented: bool
) -> None:
    rules, footing = OPEN.model_copy(update={"watching_consented": consented}), Footing(country=country, told=told, wrote_at=MONDAY)
    allowed = country in ("US", "AU") or (consented and Basis.CONSENT in told)
    assert may_be_watched(rules, footing) is allowed
    assert ("tracking" in against(footing, rules, OUTREACH.model_copy(update={"watched": True}))) is not allowed
    assert "tracking" not in against(footing, rules)


@pytest.mark.parametrize("country", ["US", "DE"])
def test_whoever_has_said_no_is_answered_and_not_watched(country: str) -> None:
    rules = OPEN.model_copy(update={"watching_consented": True})
    footing = Footing(country=country, told=(Basis.CONSENT,), farewell="They have unsubscribed in HubSpot")
    answer = Letter(touch=Touch.ANSWER, footer=None)
    assert not may_be_watched(rules, footing)
    assert against(footing, rules, answer.model_copy(update={"watched": True})) == ["tracking"]
    assert not against(footing, rules, answer)


def test_the_letter_of_a_draft_tells_whether_it_is_watched_and_who_decided_on_it() -> None:
    assert Letter.of(a_draft(footer=a_footer())) == Letter(touch=Touch.ANSWER, footer=a_footer())
    decided = a_draft(tracked=Tracked(picture="https://links.example/o"), decided_by=Actor(kind=ActorKind.RULE, id="answers"))
    assert Letter.of(decided) == Letter(touch=Touch.ANSWER, footer=None, unseen=True, watched=True)
    assert not Letter.of(decided, unseen=False).unseen


def made(rules: Compliance, country: str, touch: Touch = Touch.OUTREACH, *, unseen: bool = False) -> Footer | None:
    sender = a_footer(reason="")
    return footer_of(rules, Footing(country=country, told=(Basis.CONSENT,)), sender=sender, touch=touch, unseen=unseen, now=MONDAY)


def test_the_reason_stands_where_it_is_asked_for() -> None:
    european, canadian = made(OPEN, "PT"), made(OPEN, "CA")
    assert european is not None
    assert european.reason.startswith("You agreed to hear from us. Your address is kept")
    assert canadian is not None
    assert canadian.reason == ""


def test_an_answer_that_may_leave_unseen_says_so_and_nothing_else() -> None:
    assert made(Compliance(), "PT", Touch.ANSWER) is None
    assert made(Compliance(), "PT", Touch.ANSWER, unseen=True) == Footer(disclosure="This mail was written with the help of AI.")


@given(st.text(max_size=40), BASES, st.booleans(), st.booleans(), st.sampled_from([Compliance(), OPEN, WEIGHED]))
def test_unknown_is_never_laxer_than_any_country(
    country: str, told: tuple[Basis, ...], customer: bool, personal: bool, rules: Compliance
) -> None:
    code = country_where(contact=country, company="", domains=())
    footing = Footing(country=code, told=told, customer=customer, personal=personal)
    unknown = footing.model_copy(update={"country": ""})
    assert set(against(footing, rules)) <= set(against(unknown, rules))
    assert code == "" or code in SPELLINGS


@given(st.sampled_from(COUNTRIES), BASES, BASES, st.booleans())
def test_a_further_basis_never_forbids(country: str, some: tuple[Basis, ...], more: tuple[Basis, ...], personal: bool) -> None:
    few = Footing(country=country, told=some, personal=personal)
    many = few.model_copy(update={"told": (*some, *more)})
    assert set(against(many)) <= set(against(few))


@pytest.mark.parametrize("known", Jurisdiction)
def test_the_row_of_the_unknown_asks_for_what_any_other_does(known: Jurisdiction) -> None:
    assert LAWS[Jurisdiction.UNKNOWN].bases <= LAWS[known].bases
    assert LAWS[Jurisdiction.UNKNOWN].parts >= LAWS[known].parts
    assert LAWS[Jurisdiction.UNKNOWN].watched_freely <= LAWS[known].watched_freely


@pytest.mark.parametrize(
    ("told", "bases"),
    [
        ("Freely given consent from contact", (Basis.CONSENT,)),
        ("Legitimate interest \u2013 prospect/lead", (Basis.LEGITIMATE_INTEREST,)),
        ("Legitimate interest - existing customer", (Basis.CUSTOMER,)),
        ("Performance of a contract;Not applicable", (Basis.CUSTOMER,)),
        ("Not applicable", ()), ("no consent", ()), ("consent withdrawn", ()), ("inquiry", ()), ("", ()),
    ],
)  # fmt: skip
def test_the_basis_is_read_as_hubspot_puts_it_and_any_other_word_is_none(told: str, bases: tuple[Basis, ...]) -> None:
    assert bases_in(told) == bases


def footing(**entry: Any) -> Footing:
    contact = a_contact(country="", lawful_basis="")
    return footing_of(an_identity(contact=contact, company=a_company(country="")), a_form_entry(**entry), None)


def test_a_table_tells_basis_and_country_and_a_form_does_not() -> None:
    fields = {"Lawful Basis": "consent", "Country": "Germany"}
    assert footing(fields=fields, imported=True) == Footing(country="DE", told=(Basis.CONSENT,))
    assert footing(fields=fields) == Footing()


def test_machine_mail_of_theirs_is_no_inquiry() -> None:
    thread = a_thread(a_message(), a_message(id="m2", sent_at=at(days=-1), automatic=True))
    found = footing_of(an_identity(), a_form_entry(), a_thread_reading(thread=thread))
    assert found.wrote_at == a_message().sent_at


def test_whoever_decides_is_told_why_it_may_be_sent() -> None:
    told = may_be_sent(Compliance(), Footing(country="DE", told=(Basis.CONSENT,)), touch=Touch.OUTREACH, now=MONDAY)
    assert told == "They are in Germany (DE): may be written to, by their consent."
    assert may_be_sent(Compliance(), Footing(country="DE"), touch=Touch.OUTREACH, now=MONDAY) == ""


def test_the_ground_of_a_mail_says_why_it_may_be_sent_or_all_that_is_against_it() -> None:
    agreed = ground_of(Compliance(), Footing(country="DE", told=(Basis.CONSENT,)), letter=OUTREACH, now=MONDAY)
    assert (agreed.jurisdiction, agreed.basis, agreed.lawful) == (Jurisdiction.DE, Basis.CONSENT, True)
    assert agreed.told == "They are in Germany (DE): may be written to, by their consent."
    bare = ground_of(Compliance(), Footing(country="DE"), letter=Letter(touch=Touch.OUTREACH, footer=None), now=MONDAY)
    assert (bare.basis, bare.lawful) == (None, False)
    assert "nobody may be written to there" in bare.told
    assert "the footer has to say who writes, a postal address" in bare.told


@pytest.mark.parametrize("told", ["consent;withdrawn", "consent; withdrawn 2026-01-01", "customer;unsubscribed", "Freely given consent;?"])
def test_a_word_beside_it_that_nobody_can_read_makes_it_no_basis(told: str) -> None:
    assert bases_in(told) == ()


@pytest.mark.parametrize(("told", "meant"), [("UK", "GB"), ("EL", "GR"), ("FR", "FR")])
def test_a_policy_names_countries_as_laws_and_offices_do(told: str, meant: str) -> None:
    assert Compliance(consent_only=(told,)).consent_only == (meant,)


def test_a_policy_that_names_the_union_for_its_members_is_told_so() -> None:
    with pytest.raises(ValueError, match="name its members"):
        Compliance(consent_only=("EU",))


def test_a_rule_about_the_uk_holds_in_the_uk() -> None:
    weighed = Compliance(consent_only=("UK",), assessment="LIA-2026-03")
    assert against(Footing(country="GB"), weighed) == ["lawful_basis"]


@pytest.mark.parametrize("sender", ["colleague@northwind.example", "somebody@elsewhere.example"])
def test_what_others_wrote_in_their_thread_is_no_inquiry_of_theirs(sender: str) -> None:
    thread = a_thread(a_message(sender=sender))
    assert footing_of(an_identity(), a_form_entry(), a_thread_reading(thread=thread)).wrote_at is None


def farewell(*, opted_out: bool = False, text: str = "We liked it.", later: str = "") -> Footing:
    """Of somebody in the United States who wrote this."""
    mails = [a_message(text=text), *([a_message(id="m2", text=later, sent_at=at(days=-1))] if later else [])]
    identity = an_identity(contact=a_contact(country="US", lawful_basis="consent", opted_out=opted_out))
    return footing_of(identity, a_form_entry(imported=True), a_thread_reading(thread=a_thread(*mails)))


@pytest.mark.parametrize("footing", [farewell(opted_out=True), farewell(text="Please stop emailing me.")])
def test_nobody_writes_unasked_to_whoever_has_said_so_elsewhere(footing: Footing) -> None:
    assert against(footing.having_heard(MONDAY)) == ["lawful_basis"]
    [one] = unlawful(OPEN, footing, letter=OUTREACH, now=MONDAY)
    assert one.reason.startswith(footing.farewell)
    assert ground_of(OPEN, footing, letter=OUTREACH, now=MONDAY).basis is None
    assert not against(footing, letter=Letter(touch=Touch.ANSWER, footer=None))


def test_whoever_writes_again_has_taken_it_back() -> None:
    assert not against(farewell(text="Please stop emailing me.", later="Could you send prices after all?"))
    assert against(farewell(text="Could you send prices?", later="Unsubscribe me.")) == ["lawful_basis"]


@pytest.mark.parametrize("domain", ["a.de", "a.co.uk", "a.ca"])
def test_a_company_in_one_country_whose_mail_is_anothers_is_nowhere_known(domain: str) -> None:
    """Subsidiaries are where their mail is, head offices where the record says: whoever is right, the strictest holds."""
    assert where("", "United States", "a.com", domain) is Jurisdiction.UNKNOWN
    assert where("", "United States", "a.us") is Jurisdiction.US
    assert where("United States", "Germany", domain) is Jurisdiction.US


@pytest.mark.parametrize("country", "BE BG CH CY CZ DK ES GR HR IS IT LI LT MT NL NO PL RO SI SK".split())
def test_where_firms_too_are_asked_first_no_weighing_replaces_it(country: str) -> None:
    assert against(Footing(country=country, told=(Basis.LEGITIMATE_INTEREST,)), WEIGHED) == ["lawful_basis"]
    assert not against(Footing(country=country, customer=True), WEIGHED)


def test_a_customer_of_nobody_knows_when_is_none_in_canada_until_the_policy_says_so() -> None:
    assert against(Footing(country="CA", customer=True)) == ["lawful_basis"]
    assert not against(Footing(country="CA", customer=True), OPEN)


@pytest.mark.parametrize(("country", "rules"), [("US", OPEN), ("US", WEIGHED), ("FR", WEIGHED)])
def test_whom_nothing_but_our_own_interest_leads_us_to_is_told_that_it_is_advertising(country: str, rules: Compliance) -> None:
    """The FTC's third rule, and article 6 of 2000/31/EC."""
    made = footer_of(rules, Footing(country=country), sender=a_footer(), touch=Touch.OUTREACH, unseen=False, now=MONDAY)
    assert made is not None
    assert made.reason.startswith("This is an advertisement")
    silent = Letter(touch=Touch.OUTREACH, footer=a_footer(reason=""))
    assert against(Footing(country=country), rules, silent) == ["footer"]


@pytest.mark.parametrize(
    ("crm", "table", "code"),
    [("United States", "Germany", ""), ("USA", "us", "US"), ("", "Germany", "DE"), ("Germany", "", "DE"), ("United States", "Germny", "")],
)
def test_a_table_and_the_crm_that_tell_different_countries_tell_none(crm: str, table: str, code: str) -> None:
    identity = an_identity(contact=a_contact(country=crm), company=a_company(country="United States"))
    assert footing_of(identity, a_form_entry(imported=True, fields={"Country": table}), None).country == code


def test_what_is_against_a_mail_and_what_lifts_it_are_said_once_each() -> None:
    refused = unlawful(Compliance(disclosure="always"), Footing(country="DE"), letter=Letter(touch=Touch.OUTREACH, footer=None), now=MONDAY)
    assert [one.rule for one in refused] == ["lawful_basis", "footer", "disclosure"]
    assert all(one.fix and one.fix not in one.reason and one.told == f"{one.reason} {one.fix}" for one in refused)


@pytest.mark.parametrize("country", ["US", "CA", "AU", "DE", "PT", ""])
def test_everywhere_a_footer_says_who_writes_from_where_and_how_to_make_it_stop(country: str) -> None:
    assert LAWS[jurisdiction_of(country)].parts >= {Part.IDENTITY, Part.POSTAL_ADDRESS, Part.OPT_OUT}


def test_of_several_mails_of_theirs_the_newest_counts() -> None:
    assert Footing().having_heard(MONDAY).wrote_at == MONDAY
    assert Footing(wrote_at=at(days=-2)).having_heard(at(days=-9)).wrote_at == at(days=-2)
    assert Footing(wrote_at=at(days=-9)).having_heard(at(days=-2)).wrote_at == at(days=-2)
    assert Footing(wrote_at=MONDAY).having_heard(None).wrote_at == MONDAY


@pytest.mark.parametrize(("contact", "company"), [("customer", ""), ("lead", "customer")])
def test_a_customer_is_who_is_one_themselves_or_whose_company_is(contact: str, company: str) -> None:
    identity = an_identity(contact=a_contact(lifecycle_stage=contact), company=a_company(lifecycle_stage=company))
    assert footing_of(identity, a_form_entry(), None).customer
    assert not footing_of(an_identity(contact=a_contact(lifecycle_stage="lead")), a_form_entry(), None).customer


def test_who_must_not_be_written_to_is_told_with_what_would_count_there_and_nothing_else() -> None:
    [one] = unlawful(OPEN, Footing(country="CA"), letter=OUTREACH, now=MONDAY)
    assert "without their consent or an inquiry of theirs or their being a customer, and none is known" in one.told


@pytest.mark.parametrize(("told", "bases"), [("consent;", (Basis.CONSENT,)), ("consent; customer", (Basis.CONSENT, Basis.CUSTOMER))])
def test_an_option_that_says_nothing_takes_nothing_away(told: str, bases: tuple[Basis, ...]) -> None:
    assert bases_in(told) == bases
