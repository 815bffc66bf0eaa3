"""Mail as it really comes: in pieces, cut off, in the wrong alphabet, or from a machine. No answer is lost."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.connectors.gmail.reading import automatic, unflowed, visible_text
from shared.connectors.gmail.wire import GmailThread, Part
from tests.unit.connectors.gmail.test_reading import a_part, read


def in_base64(data: str, kind: str = "text/plain") -> Part:
    return Part.model_validate({"mimeType": kind, "body": {"data": data}})


def a_whole(kind: str, *parts: Part, **headers: str) -> Part:
    return a_part(kind=kind, parts=list(parts), **headers)


def test_an_answer_in_several_pieces_is_read_whole():
    picture = Part.model_validate({"mimeType": "image/png", "filename": "chart.png", "body": {"size": 3}})
    mail = a_whole("multipart/mixed", a_part("Before the chart."), picture, a_part("After the chart."))
    assert visible_text(mail) == "Before the chart.\nAfter the chart."


def test_of_alternatives_the_plain_one_is_read_wherever_it_stands():
    related = a_whole("multipart/related", a_part("<p>HTML</p>", kind="text/html"))
    assert visible_text(a_whole("multipart/alternative", related, a_part("Plain"))) == "Plain"
    assert visible_text(a_whole("multipart/alternative", a_part("  \n"), related)) == "HTML"


def test_a_mail_attached_to_a_mail_is_not_its_text():
    attached = a_whole("message/rfc822", a_part("Somebody else's words"))
    assert visible_text(a_whole("multipart/mixed", a_part("See below"), attached)) == "See below"


def test_an_attached_text_file_is_not_the_answer():
    file = a_part("contract").model_copy(update={"filename": "contract.txt"})
    assert visible_text(a_whole("multipart/mixed", a_part("Attached."), file)) == "Attached."


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 4])
def test_a_body_that_was_cut_off_keeps_what_is_there(cut: int):
    data = base64.urlsafe_b64encode(b"Yes, Tuesday works for us.").decode().rstrip("=")
    assert visible_text(in_base64(data[: len(data) - cut])).startswith("Yes, Tuesday works for")


def test_a_picture_that_calls_itself_text_says_nothing():
    noise = base64.urlsafe_b64encode(bytes(range(256)) * 20).decode()
    assert visible_text(in_base64(noise)) == ""


@pytest.mark.parametrize("data", ["", "====", "*** not base64 ***", "é", "A"])
def test_a_body_of_garbage_breaks_nothing(data: str):
    assert isinstance(visible_text(in_base64(data)), str)


@given(st.text(max_size=60))
def test_any_body_is_read_without_complaint(data: str):
    visible_text(in_base64(data))


def test_control_characters_do_not_get_through():
    assert visible_text(a_part("Tues\x00day\x07 works.\tBest")) == "Tuesday works.\tBest"


@pytest.mark.parametrize(
    ("text", "charset", "declared"),
    [
        ("Grüße aus Köln", "iso-8859-1", "utf-8"),
        ("Grüße aus Köln", "utf-8", "iso-8859-1"),
        ("10 € für „alles“", "cp1252", "iso-8859-15x"),
        ("Добрый день", "koi8-r", "koi8-r"),
        ("こんにちは", "iso-2022-jp", "iso-2022-jp"),
    ],
)
def test_a_wrong_charset_loses_no_letter(text: str, charset: str, declared: str):
    part = a_part(text.encode(charset), charset=declared)
    assert visible_text(part) == text


FLOWED = 'text/plain; charset="utf-8"; format=flowed'


def test_flowed_lines_are_put_together_again():
    assert unflowed("We would like \nto come on Tuesday.\nBest", FLOWED) == "We would like to come on Tuesday.\nBest"
    assert unflowed("We would like \nto come", "text/plain") == "We would like \nto come"


def test_flowing_ends_where_the_depth_of_quotation_changes_and_at_a_signature():
    assert unflowed("> Could you \nYes \n-- \nAna", FLOWED) == "> Could you \nYes \n-- \nAna"
    assert unflowed("> Could \n> you?\n>> No \n> Yes", FLOWED) == "> Could you?\n>> No \n> Yes"


def test_flowed_text_may_give_up_the_blank_it_was_cut_at():
    assert unflowed("Donaudampf \nschiff", f"{FLOWED}; delsp=yes") == "Donaudampfschiff"


MACHINES = {
    "an automatic answer": {"Auto_Submitted": "auto-replied"},
    "a delivery report": {"Return_Path": "<>"},
    "a failed recipient": {"X_Failed_Recipients": "joe@x.example"},
    "bulk": {"Precedence": "bulk"},
    "a list": {"List_Id": "<users.x.example>"},
    "the calendar's robot": {"Sender": "Google Calendar <calendar-notification@google.com>"},
}


@pytest.mark.parametrize("headers", MACHINES.values(), ids=MACHINES)
def test_a_machine_is_known_by_its_headers(headers: dict[str, str]):
    assert automatic(a_part("Hello", **headers), "ana@x.example")


@pytest.mark.parametrize("sender", ["noreply@x.example", "no-reply@x.example", "mailer-daemon@x.example", "notifications@x.example"])
def test_a_machine_is_known_by_its_address(sender: str):
    assert automatic(a_part("Hello"), sender)


def an_invitation(method: str) -> Part:
    calendar = Part.model_validate(
        {"mimeType": "text/calendar", "headers": [{"name": "Content-Type", "value": f'text/calendar; charset="UTF-8"; method={method}'}]}
    )
    return a_whole("multipart/alternative", a_part("Shall we?"), calendar)


def test_an_accepted_invitation_is_a_button_and_an_invitation_may_be_a_persons_word():
    assert automatic(an_invitation("REPLY"), "ana@x.example")
    assert not automatic(an_invitation("REQUEST"), "ana@x.example")


def test_a_person_is_no_machine():
    assert not automatic(a_part("Hello", Auto_Submitted="no", Sender="Ana <ana@x.example>"), "nora.reply@x.example")


def test_a_thread_of_fifty_answers_keeps_each_ones_own_words():
    messages, history = [], ""
    for number in range(50):
        text = f"Answer {number}.\n\nOn Mon, 23 Nov 2026 at 10:{number:02}, Ana <ana@x.example> wrote:\n{history}"
        payload = a_part(text, From="Ana Silva <ana@x.example>").model_dump(by_alias=True)
        messages.append({"id": f"m{number}", "threadId": "t", "internalDate": str(1763978400000 + number), "payload": payload})
        history = "".join(f"> {line}\n" for line in text.split("\n"))[:40_000]
    thread = GmailThread.model_validate({"id": "t", "messages": messages})
    assert [read(one.payload).text for one in thread.messages] == [f"Answer {number}." for number in range(50)]


def test_an_empty_mail_has_no_words():
    assert read(a_part("")).text == ""
    assert read(a_whole("multipart/mixed")).text == ""


def test_common_and_strange_names_of_people_are_read_alike():
    for value, told in {
        "Ana Silva <Ana@X.example>": ("Ana Silva", "ana@x.example"),
        '"Silva, Ana" <ana@x.example>': ("Silva, Ana", "ana@x.example"),
        "ana@x.example": ("", "ana@x.example"),
        "=?utf-8?q?Ana?= <ana@x.example>": ("=?utf-8?q?Ana?=", "ana@x.example"),
    }.items():
        message = read(a_part("Hello", From=value))
        assert (message.sender_name, message.sender) == told
