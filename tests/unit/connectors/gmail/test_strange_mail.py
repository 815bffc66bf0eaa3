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


def an_invitation(method: str, *, words: str = "", lines: str = "", **headers: str) -> Part:
    """As Outlook and Google send one or the answer to it, `lines` in its event."""
    event = f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:1\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
    calendar = a_part(event, Content_Type=f'text/calendar; charset="UTF-8"; method={method}').model_copy(
        update={"mime_type": "text/calendar"}
    )
    whole = a_whole("multipart/alternative", a_part(words), calendar)
    named = [{"name": name, "value": value} for name, value in headers.items()]
    return whole.model_copy(update={"headers": Part.model_validate({"headers": named}).headers})


OUTLOOKS_EMPTY = "COMMENT;LANGUAGE=en-US:\\n\r\n"
ROBOT = "Google Calendar <calendar-notification@google.com>"


@pytest.mark.parametrize("method", ["REPLY", "reply", "CANCEL"])
@pytest.mark.parametrize("words", ["", " \r\n\u00a0\r\n", "> Shall we?"])
@pytest.mark.parametrize("lines", ["", OUTLOOKS_EMPTY, "DESCRIPTION:The agenda\r\n"])
def test_an_answer_to_an_invitation_without_a_word_is_a_button(method: str, words: str, lines: str):
    assert automatic(an_invitation(method, words=words, lines=lines), "ana@x.example")


@pytest.mark.parametrize(
    "answer",
    [
        an_invitation("REPLY", words="Fine, but please call my mobile."),
        an_invitation("REPLY", lines="COMMENT:Please stop writing to me\r\n"),
        an_invitation("REPLY", lines='COMMENT;ALTREP="cid:1@x.example";LANGUAGE=de-DE:Gern\\, aber\r\n  per Telefon\r\n'),
        an_invitation("REPLY", lines="COMMENT;LANGUAGE=en-US:\r\n See you\\n\r\n"),
        an_invitation(
            "REPLY",
            words="Ana has accepted this invitation.",
            lines='ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;X-RESPONSE-COM\r\n MENT="I may be late":mailto:ana@x.example\r\n',
            Sender=ROBOT,
        ),
        an_invitation("CANCEL", words="Sorry, I am ill."),
        an_invitation("COUNTER"),
        an_invitation("COUNTER", words="Ana has proposed a new time.", Sender=ROBOT),
        an_invitation("REQUEST"),
    ],
)
def test_what_a_person_typed_beside_the_button_another_time_and_an_invitation_are_a_persons(answer: Part):
    assert not automatic(answer, "ana@x.example")


def test_what_googles_robot_says_of_a_button_is_no_persons_word():
    line = 'ATTENDEE;PARTSTAT=ACCEPTED;X-RESPONSE-COMMENT="":mailto:ana@x.example\r\n'
    assert automatic(an_invitation("REPLY", words="Ana has accepted this invitation.", lines=line, Sender=ROBOT), "ana@x.example")


def test_a_machine_that_answers_an_invitation_stays_a_machine():
    assert automatic(an_invitation("COUNTER", words="The room is booked.", **{"Auto-Submitted": "auto-replied"}), "room@x.example")


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
