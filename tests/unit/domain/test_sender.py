"""A signature below a mail, as text and as HTML."""

from shared.domain.approval import fingerprint_of
from shared.domain.draft import draft_hash
from shared.domain.sender import Sender
from tests.builders import a_draft, a_draft_text, a_sender


def test_the_signature_stands_below_its_delimiter():
    draft = a_draft(sender=a_sender(signature="Maria Costa\nSales"), text=a_draft_text(signature="Maria Costa"))
    assert draft.letter.endswith("\n\nBest,\nMaria Costa\n\n-- \nMaria Costa\nSales\n")


def test_without_a_sender_or_a_signature_a_mail_is_its_body_alone():
    for draft in (a_draft(), a_draft(sender=a_sender(signature="", signature_html=""))):
        assert (draft.letter, draft.letter_html) == (draft.text.body, "")


def test_what_the_body_says_is_no_markup():
    draft = a_draft(sender=a_sender(signature_html="<b>Maria</b>"), text=a_draft_text(greeting="Hi <i>Ana</i> & all,"))
    assert "Hi &lt;i&gt;Ana&lt;/i&gt; &amp; all,<br>" in draft.letter_html
    assert '<div class="gmail_signature"><b>Maria</b></div>' in draft.letter_html


def test_whoever_chose_no_sender_writes_from_the_mailbox_under_their_own_name():
    assert a_draft().sent_as("Maria Costa") == Sender(address="maria@northwind.example", name="Maria Costa")
    assert a_draft(sender=a_sender()).sent_as("Maria Costa") == a_sender()


def test_whatever_of_the_sender_changes_asks_again():
    changes = ({"address": "other@northwind.example"}, {"name": "M"}, {"reply_to": "x@northwind.example"}, {"signature": "M"})
    told = [a_sender(), *(a_sender(**one) for one in (*changes, {"signature_html": "M"})), None]
    drafts = [a_draft(sender=one) for one in told]
    assert len({fingerprint_of(one, sender_name="Maria Costa", thread_head="") for one in drafts}) == len(told)


def test_the_hash_of_a_plain_mail_is_what_it_always_was_and_a_signature_changes_it():
    assert draft_hash(a_draft()) == draft_hash(a_draft(sender=a_sender(signature="", signature_html="")))
    assert len({draft_hash(a_draft(sender=one)) for one in (None, a_sender(), a_sender(signature_html="<i>M</i>"))}) == 3
