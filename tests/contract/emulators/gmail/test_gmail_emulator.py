"""The Gmail emulator through Google's own client: messages, drafts, labels, search and who may see them."""

import base64
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage

import httpx
import pytest

from emulators.gmail.routes import GmailEmulator
from tests.contract.emulators.gmail.correspondence import ANA, MARIA, MONDAY, found, from_ana, raw, refusal
from tests.contract.emulators.google_client import official_client


def test_the_profile_counts_messages_and_threads(emulator, users):
    first = emulator.deliver(MARIA, from_ana())
    emulator.deliver(MARIA, from_ana(message_id="<a2@brightleaf.example>", in_reply_to="<a1@brightleaf.example>", subject="Re: Summit"))
    profile = users.getProfile(userId="me").execute()
    assert (profile["emailAddress"], profile["messagesTotal"], profile["threadsTotal"]) == (MARIA, 2, 1)
    assert int(profile["historyId"]) > first.history_id


def test_a_full_message_shows_the_part_tree_with_bodies_and_attachment_ids(emulator, users):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ANA, MARIA, "Grüße"
    message.set_content("Plain")
    message.add_alternative("<p>Rich</p>", subtype="html")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="offer.pdf")
    stored = emulator.deliver(MARIA, message.as_bytes())
    full = users.messages().get(userId="me", id=stored.id).execute()
    payload = full["payload"]
    assert payload["mimeType"] == "multipart/mixed"
    assert {"name": "Subject", "value": "Grüße"} in payload["headers"]
    assert [part["mimeType"] for part in payload["parts"][0]["parts"]] == ["text/plain", "text/html"]
    assert base64.urlsafe_b64decode(payload["parts"][0]["parts"][0]["body"]["data"]) == b"Plain\n"
    attached = payload["parts"][1]
    assert (attached["filename"], attached["body"]["size"], "data" in attached["body"]) == ("offer.pdf", 8, False)
    token = attached["body"]["attachmentId"]
    fetched = users.messages().attachments().get(userId="me", messageId=stored.id, id=token).execute()
    assert base64.urlsafe_b64decode(fetched["data"]) == b"%PDF-1.7"
    assert full["internalDate"] == str(int(MONDAY.timestamp() * 1000))


def test_each_format_shows_its_part_of_the_message(emulator, users):
    stored = emulator.deliver(MARIA, from_ana())
    get = users.messages().get
    assert "payload" not in get(userId="me", id=stored.id, format="minimal").execute()
    metadata = get(userId="me", id=stored.id, format="metadata", metadataHeaders=["from"]).execute()
    assert metadata["payload"]["headers"] == [{"name": "From", "value": f"Ana Silva <{ANA}>"}]
    as_sent = base64.urlsafe_b64decode(get(userId="me", id=stored.id, format="raw").execute()["raw"])
    assert message_from_bytes(as_sent)["Subject"] == "Summit"


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        (f"from:{ANA}", {"Summit", "Invoice 7"}),
        ("from:brightleaf.example", {"Summit", "Invoice 7"}),
        (f"to:{ANA}", {"Our offer"}),
        ("subject:invoice", {"Invoice 7"}),
        ("subject:voice", set()),
        ('"prices for 400"', {"Summit"}),
        ('"400 prices"', set()),
        ("prices -subject:summit", {"Invoice 7"}),
        ("subject:summit OR subject:offer", {"Summit", "Our offer"}),
        ("{subject:summit subject:offer} from:ana", {"Summit"}),
        ("subject:(invoice 7)", {"Invoice 7"}),
        ("subject:summit from:ana OR from:maria", {"Summit"}),
        ("has:attachment", {"Invoice 7"}),
        ("filename:pdf", {"Invoice 7"}),
        ("in:sent", {"Our offer"}),
        ("in:inbox", {"Summit", "Invoice 7"}),
        ("label:key-accounts", {"Invoice 7"}),
        ("is:unread", {"Summit"}),
        ("is:read", {"Invoice 7", "Our offer"}),
        ("newer_than:3d", {"Summit"}),
        ("older_than:3d", {"Invoice 7", "Our offer"}),
        ("after:2026/11/20", {"Summit"}),
        ("before:2026/11/20", {"Invoice 7", "Our offer"}),
        (f"after:{int((MONDAY - timedelta(days=8)).timestamp())} before:2026/11/22", {"Our offer"}),
        ("rfc822msgid:<a1@brightleaf.example>", {"Summit"}),
        ("rfc822msgid:a1@brightleaf.example", {"Summit"}),
        ("in:trash", {"Old news"}),
        ("in:anywhere subject:news", {"Old news"}),
        ("news", set()),
        ("nonsense", set()),
        ("to:me", {"Summit", "Invoice 7"}),
        ("from:me", {"Our offer"}),
        ("smaller:1K from:ana", {"Summit", "Invoice 7"}),
        ("larger:5M", set()),
        ("has:userlabels", {"Invoice 7"}),
        ("has:nouserlabels", {"Summit", "Our offer"}),
    ],
)
def test_search_understands_the_operators(emulator, users, query, subjects):
    box = emulator.mailbox(MARIA)
    label = box.create_label("Key Accounts")
    pdf = EmailMessage()
    pdf["From"], pdf["To"], pdf["Subject"] = ANA, MARIA, "Invoice 7"
    pdf.set_content("The prices changed")
    pdf.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="invoice.pdf")
    emulator.deliver(MARIA, from_ana(), at=MONDAY - timedelta(hours=3))
    emulator.deliver(MARIA, pdf.as_bytes(), labels=["INBOX", label], at=MONDAY - timedelta(days=30))
    emulator.deliver(MARIA, {"from": MARIA, "to": ANA, "subject": "Our offer", "text": "Attached"}, at=MONDAY - timedelta(days=7))
    emulator.deliver(MARIA, from_ana(subject="Old news", message_id="<a9@brightleaf.example>"), labels=["TRASH"])
    assert found(users, query) == subjects


def test_lists_are_paged_newest_first(emulator, users):
    for day in range(5):
        emulator.deliver(MARIA, from_ana(subject=f"Day {day}", message_id=f"<d{day}@brightleaf.example>"), at=MONDAY + timedelta(days=day))
    first = users.messages().list(userId="me", maxResults=3).execute()
    second = users.messages().list(userId="me", maxResults=3, pageToken=first["nextPageToken"]).execute()
    ids = [one["id"] for one in first["messages"] + second["messages"]]
    assert (len(ids), "nextPageToken" in second) == (5, False)
    assert ids == sorted(ids, reverse=True)
    assert refusal(users.messages().list(userId="me", pageToken="made-up"))[0] == 400


def test_an_empty_list_has_no_messages_key(users):
    assert users.messages().list(userId="me").execute() == {"resultSizeEstimate": 0}


def test_an_answer_arriving_with_references_and_the_same_subject_joins_the_thread(emulator, users):
    first = emulator.deliver(MARIA, from_ana())
    answer = emulator.deliver(MARIA, from_ana(message_id="<a2@x.example>", references="<a1@brightleaf.example>", subject="RE: Summit"))
    other = emulator.deliver(MARIA, from_ana(message_id="<a3@x.example>", references="<a1@brightleaf.example>", subject="Dinner"))
    assert answer.thread_id == first.thread_id != other.thread_id
    assert [one["id"] for one in users.threads().get(userId="me", id=first.thread_id).execute()["messages"]] == [first.id, answer.id]
    listed = users.threads().list(userId="me", q="from:ana").execute()["threads"]
    assert {one["id"] for one in listed} == {first.thread_id, other.thread_id}


@pytest.mark.parametrize(
    ("message", "joins"),
    [
        ({"subject": "Re: Summit", "answers": "<a1@brightleaf.example>"}, True),
        ({"subject": "Re: Summit"}, False),
        ({"subject": "Something else", "answers": "<a1@brightleaf.example>"}, False),
    ],
)
def test_a_draft_joins_a_thread_only_with_references_and_the_same_subject(emulator, users, message, joins):
    first = emulator.deliver(MARIA, from_ana())
    draft = users.drafts().create(userId="me", body={"message": {"raw": raw(**message), "threadId": first.thread_id}}).execute()
    assert (draft["message"]["threadId"] == first.thread_id) is joins
    assert draft["message"]["labelIds"] == ["DRAFT"]


def test_a_draft_in_a_thread_that_does_not_exist_is_refused(users):
    body = {"message": {"raw": raw(answers="<x@y.example>"), "threadId": "19c5a57884cc0fc0"}}
    assert refusal(users.drafts().create(userId="me", body=body)) == (404, "notFound")


def test_updating_a_draft_rotates_the_message_id_and_keeps_the_draft_id_and_its_own_thread(users):
    drafts = users.drafts()
    before = drafts.create(userId="me", body={"message": {"raw": raw("One")}}).execute()
    after = drafts.update(userId="me", id=before["id"], body={"message": {"raw": raw("Two")}}).execute()
    assert (after["id"], after["message"]["threadId"]) == (before["id"], before["message"]["threadId"])
    assert after["message"]["id"] != before["message"]["id"]
    assert refusal(users.messages().get(userId="me", id=before["message"]["id"])) == (404, "notFound")
    assert found(users, "in:drafts") == {"Two"}


def test_sending_a_draft_rotates_the_id_again_and_the_draft_is_gone(emulator, users):
    emulator.mailbox(ANA)
    drafts = users.drafts()
    draft = drafts.create(userId="me", body={"message": {"raw": raw(Bcc="boss@northwind.example")}}).execute()
    sent = drafts.send(userId="me", body={"id": draft["id"]}).execute()
    assert sent["labelIds"] == ["SENT"]
    assert (sent["threadId"], sent["id"] != draft["message"]["id"]) == (draft["message"]["threadId"], True)
    assert refusal(drafts.send(userId="me", body={"id": draft["id"]})) == (404, "notFound")
    assert refusal(drafts.get(userId="me", id=draft["id"])) == (404, "notFound")
    received = emulator.mailbox(ANA).newest_first()[0]
    assert (received.labels, received.mime["Bcc"]) == (("INBOX", "UNREAD"), None)


def test_deleting_a_draft_deletes_its_message(users):
    draft = users.drafts().create(userId="me", body={"message": {"raw": raw()}}).execute()
    users.drafts().delete(userId="me", id=draft["id"]).execute()
    assert users.messages().list(userId="me").execute()["resultSizeEstimate"] == 0


def test_drafts_are_listed_and_searched(users):
    for subject in ("One", "Two"):
        users.drafts().create(userId="me", body={"message": {"raw": raw(subject)}}).execute()
    assert len(users.drafts().list(userId="me").execute()["drafts"]) == 2
    assert len(users.drafts().list(userId="me", q="subject:two").execute()["drafts"]) == 1


def test_gmail_fills_in_what_a_message_lacks_and_replaces_a_foreign_sender(users):
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "someone@else.example", ANA, "not-an-id"
    message.set_content("Hello")
    encoded = base64.urlsafe_b64encode(message.as_bytes()).decode()
    sent = users.messages().send(userId="me", body={"raw": encoded}).execute()
    headers = {one["name"]: one["value"] for one in users.messages().get(userId="me", id=sent["id"]).execute()["payload"]["headers"]}
    assert headers["From"] == f"Maria Costa <{MARIA}>"
    assert headers["Message-ID"].endswith("@mail.gmail.com>")
    assert "Date" in headers


def test_an_alias_and_a_proper_message_id_are_kept(users):
    kept = {"From": "mc@northwind.example", "Message-ID": "<mine@northwind.example>"}
    sent = users.messages().send(userId="me", body={"raw": raw(**kept)}).execute()
    headers = {one["name"]: one["value"] for one in users.messages().get(userId="me", id=sent["id"]).execute()["payload"]["headers"]}
    assert {name: headers[name] for name in kept} == kept


@pytest.mark.parametrize("body", [{"raw": "a+b/"}, {"raw": "a"}, {"raw": ""}, {}, {"raw": raw(to=None)}])
def test_malformed_messages_are_refused(users, body):
    assert refusal(users.messages().send(userId="me", body=body)) == (400, "invalidArgument")


def test_ids_are_checked_before_they_are_looked_up(users):
    assert refusal(users.messages().get(userId="me", id="no-such")) == (400, "invalidArgument")
    assert refusal(users.threads().get(userId="me", id="19c5a57884cc0fc0")) == (404, "notFound")


def test_labels_have_system_and_user_names(emulator, users):
    stored = emulator.deliver(MARIA, from_ana())
    created = users.labels().create(userId="me", body={"name": "Prospects"}).execute()
    users.messages().modify(userId="me", id=stored.id, body={"addLabelIds": [created["id"]], "removeLabelIds": ["UNREAD"]}).execute()
    names = {one["name"]: one["type"] for one in users.labels().list(userId="me").execute()["labels"]}
    assert (names["Prospects"], names["INBOX"]) == ("user", "system")
    assert users.labels().get(userId="me", id=created["id"]).execute()["messagesTotal"] == 1
    assert refusal(users.labels().create(userId="me", body={"name": "prospects"})) == (409, "aborted")
    assert refusal(users.messages().modify(userId="me", id=stored.id, body={"addLabelIds": ["SENT"]})) == (400, "invalidArgument")
    assert refusal(users.messages().modify(userId="me", id=stored.id, body={"addLabelIds": ["Label_99"]})) == (400, "invalidArgument")


def test_trash_hides_a_message_until_it_is_asked_for(emulator, users):
    stored = emulator.deliver(MARIA, from_ana())
    users.messages().trash(userId="me", id=stored.id).execute()
    assert found(users, "") == set()
    assert found(users, "", includeSpamTrash=True) == {"Summit"}
    users.messages().untrash(userId="me", id=stored.id).execute()
    assert found(users, "") == {"Summit"}


def test_identities_carry_their_signature(users):
    primary, alias = users.settings().sendAs().list(userId="me").execute()["sendAs"]
    assert (primary["displayName"], primary["signature"], primary["isDefault"]) == ("Maria Costa", "Maria<br>Northwind", True)
    assert users.settings().sendAs().get(userId="me", sendAsEmail="mc@northwind.example").execute() == alias
    assert refusal(users.settings().sendAs().get(userId="me", sendAsEmail="x@y.example")) == (404, "notFound")


def test_history_tells_what_changed_since_a_point(emulator, users):
    start = users.getProfile(userId="me").execute()["historyId"]
    stored = emulator.deliver(MARIA, from_ana())
    users.messages().modify(userId="me", id=stored.id, body={"removeLabelIds": ["UNREAD"]}).execute()
    records = users.history().list(userId="me", startHistoryId=start).execute()
    assert [next(key for key in one if key not in ("id", "messages")) for one in records["history"]] == ["messagesAdded", "labelsRemoved"]
    later = users.history().list(userId="me", startHistoryId=records["historyId"]).execute()
    assert "history" not in later


def test_another_persons_mailbox_is_closed(emulator, url, users):
    emulator.mailbox(ANA)
    assert refusal(users.getProfile(userId=ANA)) == (403, "forbidden")
    assert users.getProfile(userId=MARIA).execute()["emailAddress"] == MARIA
    stranger = official_client("gmail", url, token="no-such-token").users()
    assert refusal(stranger.getProfile(userId="me")) == (401, "authError")
    nobody = official_client("gmail", url, token="emulated:nobody@northwind.example").users()
    assert refusal(nobody.getProfile(userId="me")) == (400, "failedPrecondition")


def test_a_mask_cuts_the_answer(emulator, users):
    stored = emulator.deliver(MARIA, from_ana())
    cut = users.messages().get(userId="me", id=stored.id, fields="id,payload(mimeType,headers/name)").execute()
    assert cut == {"id": stored.id, "payload": {"mimeType": "text/plain", "headers": cut["payload"]["headers"]}}
    assert {"name": "From"} in cut["payload"]["headers"]


def test_state_survives_a_dump_and_a_load(emulator, users, clock):
    emulator.deliver(MARIA, from_ana())
    users.drafts().create(userId="me", body={"message": {"raw": raw()}}).execute()
    copy = GmailEmulator(clock)
    copy.load(emulator.dump())
    assert copy.dump() == emulator.dump()
    assert copy.mailboxes[MARIA] == emulator.mailboxes[MARIA]


def test_mailboxes_are_seeded_over_http(url, users):
    mail = {**from_ana(subject="Seeded"), "at": "2026-11-01T09:00:00+00:00", "labels": ["INBOX"]}
    later = {**from_ana(subject="Re: Seeded", message_id="<b@x.example>", in_reply_to="<a1@brightleaf.example>"), "html": "<p>Rich</p>"}
    entry = {"email": "leo@northwind.example", "name": "Leo", "labels": ["Prospects"], "messages": [mail, later]}
    assert httpx.put(f"{url}/_emulator/seed", json={"mailboxes": [entry]}).status_code == 204
    leo = official_client("gmail", url, token="emulated:leo@northwind.example").users()
    profile = leo.getProfile(userId="me").execute()
    assert (profile["messagesTotal"], profile["threadsTotal"]) == (2, 1)
    assert found(leo, "older_than:7d") == {"Seeded"}
