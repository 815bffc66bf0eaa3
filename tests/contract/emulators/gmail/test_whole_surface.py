"""The rest of the API through Google's own client: bulk changes, threads, labels, settings, batches, uploads, quotas, next pages."""

import base64
import io
import json
from datetime import timedelta
from email import message_from_bytes

import httpx
import pytest
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest, MediaInMemoryUpload, MediaIoBaseUpload

from tests.contract.emulators.gmail.correspondence import ANA, MARIA, MONDAY, from_ana, headers, raw, refusal


def mail(subject: str = "Uploaded") -> bytes:
    return base64.urlsafe_b64decode(raw(subject) + "==")


def test_messages_are_changed_and_deleted_in_bulk(emulator, users):
    ids = [emulator.deliver(MARIA, from_ana(message_id=f"<{number}@x.example>")).id for number in range(3)]
    messages = users.messages()
    messages.batchModify(userId="me", body={"ids": ids[:2], "addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD"]}).execute()
    assert [set(emulator.mailbox(MARIA).message(one).labels) for one in ids] == [{"INBOX", "STARRED"}] * 2 + [{"INBOX", "UNREAD"}]
    messages.batchDelete(userId="me", body={"ids": ids[1:]}).execute()
    assert list(emulator.mailbox(MARIA).messages) == ids[:1]
    assert refusal(messages.batchModify(userId="me", body={"ids": []})) == (400, "invalidArgument")
    messages.delete(userId="me", id=ids[0]).execute()
    assert refusal(messages.delete(userId="me", id=ids[0])) == (404, "notFound")


def test_deleting_a_drafts_message_deletes_the_draft(users):
    draft = users.drafts().create(userId="me", body={"message": {"raw": raw()}}).execute()
    users.messages().delete(userId="me", id=draft["message"]["id"]).execute()
    assert refusal(users.drafts().get(userId="me", id=draft["id"])) == (404, "notFound")


def test_threads_are_changed_as_one(emulator, users):
    first = emulator.deliver(MARIA, from_ana())
    emulator.deliver(MARIA, from_ana(message_id="<2@x.example>", in_reply_to="<a1@brightleaf.example>"))
    threads = users.threads()
    threads.modify(userId="me", id=first.thread_id, body={"removeLabelIds": ["UNREAD"]}).execute()
    trashed = threads.trash(userId="me", id=first.thread_id).execute()
    assert [one["labelIds"] for one in trashed["messages"]] == [["TRASH"]] * 2
    assert "threads" not in threads.list(userId="me").execute()
    threads.untrash(userId="me", id=first.thread_id).execute()
    assert len(threads.list(userId="me").execute()["threads"]) == 1
    threads.delete(userId="me", id=first.thread_id).execute()
    assert refusal(threads.get(userId="me", id=first.thread_id)) == (404, "notFound")


def test_labels_are_renamed_counted_and_deleted(emulator, users):
    labels = users.labels()
    label = labels.create(userId="me", body={"name": "Hot", "labelListVisibility": "labelHide"}).execute()
    emulator.deliver(MARIA, from_ana(), labels=["INBOX", "UNREAD", label["id"]])
    renamed = labels.patch(userId="me", id=label["id"], body={"name": "Warm"}).execute()
    assert (renamed["name"], renamed["labelListVisibility"]) == ("Warm", "labelHide")
    replaced = labels.update(userId="me", id=label["id"], body={"name": "Cold"}).execute()
    assert (replaced["name"], replaced["labelListVisibility"]) == ("Cold", "labelShow")
    counted = labels.get(userId="me", id=label["id"]).execute()
    assert [counted[name] for name in ("messagesTotal", "messagesUnread", "threadsTotal", "threadsUnread")] == [1, 1, 1, 1]
    labels.delete(userId="me", id=label["id"]).execute()
    assert emulator.mailbox(MARIA).newest_first()[0].labels == ("INBOX", "UNREAD")
    assert refusal(labels.get(userId="me", id=label["id"])) == (404, "notFound")
    assert refusal(labels.delete(userId="me", id="INBOX")) == (400, "invalidArgument")
    assert labels.create(userId="me", body={"name": "Next"}).execute()["id"] != label["id"]


def test_identities_are_added_changed_and_removed(users):
    send_as = users.settings().sendAs()
    created = send_as.create(userId="me", body={"sendAsEmail": "sales@northwind.example", "displayName": "Sales"}).execute()
    assert (created["verificationStatus"], created["isDefault"]) == ("pending", False)
    send_as.verify(userId="me", sendAsEmail="sales@northwind.example").execute()
    patched = send_as.patch(userId="me", sendAsEmail="sales@northwind.example", body={"signature": "<b>S</b>", "isDefault": True}).execute()
    assert (patched["verificationStatus"], patched["signature"], patched["displayName"]) == ("accepted", "<b>S</b>", "Sales")
    assert send_as.get(userId="me", sendAsEmail=MARIA).execute()["isDefault"] is False
    send_as.delete(userId="me", sendAsEmail="sales@northwind.example").execute()
    assert refusal(send_as.delete(userId="me", sendAsEmail=MARIA)) == (400, "invalidArgument")


@pytest.mark.parametrize("method", ["insert", "import_"])
def test_messages_are_put_into_a_mailbox_without_being_sent(emulator, users, method):
    emulator.mailbox(ANA)
    dated = raw(Date="Sun, 01 Nov 2026 09:00:00 +0000")
    added = getattr(users.messages(), method)(userId="me", body={"raw": dated, "labelIds": ["INBOX"]}).execute()
    shown = users.messages().get(userId="me", id=added["id"]).execute()
    when = {"insert": MONDAY, "import_": MONDAY - timedelta(days=22)}[method]
    assert (shown["internalDate"], shown["labelIds"]) == (str(int(when.timestamp() * 1000)), ["INBOX"])
    assert not emulator.mailbox(ANA).messages


@pytest.mark.parametrize("resumable", [False, True])
def test_a_message_is_uploaded_and_sent(emulator, users, resumable):
    media = MediaInMemoryUpload(mail(), mimetype="message/rfc822", resumable=resumable)
    sent = users.messages().send(userId="me", media_body=media).execute()
    assert headers(users, sent["id"])["Subject"] == "Uploaded"


def test_a_draft_is_uploaded_with_the_thread_it_answers_in(emulator, users):
    first = emulator.deliver(MARIA, from_ana())
    answer = base64.urlsafe_b64decode(raw("Re: Summit", answers="<a1@brightleaf.example>") + "==")
    media = MediaInMemoryUpload(answer, mimetype="message/rfc822")
    draft = users.drafts().create(userId="me", body={"message": {"threadId": first.thread_id}}, media_body=media).execute()
    assert draft["message"]["threadId"] == first.thread_id
    kept = base64.urlsafe_b64decode(users.messages().get(userId="me", id=draft["message"]["id"], format="raw").execute()["raw"] + "==")
    assert message_from_bytes(kept).get_payload() == message_from_bytes(answer).get_payload()
    update = MediaInMemoryUpload(mail("Other"), mimetype="message/rfc822", resumable=True)
    users.drafts().update(userId="me", id=draft["id"], body={"message": {}}, media_body=update).execute()
    assert users.drafts().get(userId="me", id=draft["id"]).execute()["message"]["payload"]["headers"]


def test_a_large_upload_goes_in_pieces_and_tells_its_progress(emulator, users):
    message = mail() + b"x" * 600_000
    media = MediaIoBaseUpload(io.BytesIO(message), mimetype="message/rfc822", chunksize=256 * 1024, resumable=True)
    request, progress = users.messages().insert(userId="me", media_body=media), []
    answer = None
    while answer is None:
        status, answer = request.next_chunk()
        progress += [status.resumable_progress] if status else []
    assert progress == [262_144, 524_288]
    assert len(emulator.mailbox(MARIA).message(answer["id"]).raw) == len(message)


def test_what_is_larger_than_gmail_takes_is_refused(emulator, users):
    emulator.uploads.most = 100
    with pytest.raises(HttpError) as refused:
        users.messages().send(userId="me", media_body=MediaInMemoryUpload(mail(), mimetype="message/rfc822")).execute()
    assert refused.value.status_code == 413


def test_a_batch_answers_each_part_for_itself(emulator, service, users):
    stored = [emulator.deliver(MARIA, from_ana(message_id=f"<{number}@x.example>")).id for number in range(3)]
    answers, refusals = {}, {}

    def keep(request_id, answer, error):
        if error is None:
            answers[request_id] = answer
        else:
            refusals[request_id] = error.status_code

    batch = service.new_batch_http_request(callback=keep)
    for one in stored:
        batch.add(users.messages().get(userId="me", id=one, format="minimal"), request_id=one)
    batch.add(users.messages().get(userId="me", id="19c5a57884cc0fc0"), request_id="missing")
    batch.add(users.messages().modify(userId="me", id=stored[0], body={"addLabelIds": ["STARRED"]}), request_id="starred")
    batch.execute()
    assert refusals == {"missing": 404}
    assert [answers[one]["id"] for one in stored] == stored
    assert "STARRED" in answers["starred"]["labelIds"]


def test_a_batch_holds_a_hundred_calls_and_no_more(emulator, service, users, url):
    stored = emulator.deliver(MARIA, from_ana()).id
    for size, refused in ((100, False), (101, True)):
        batch = BatchHttpRequest(callback=lambda *_: None, batch_uri=f"{url}/batch/gmail/v1")
        for _ in range(size):
            batch.add(users.messages().get(userId="me", id=stored, format="minimal"))
        if refused:
            with pytest.raises(HttpError):
                batch.execute()
        else:
            batch.execute()
    assert len([call for call in emulator.calls if call.route == "gmail.messages.get"]) == 100


def test_every_list_leads_from_page_to_page(emulator, users):
    for number in range(3):
        emulator.deliver(MARIA, from_ana(message_id=f"<{number}@x.example>", subject=f"Day {number}"))
        users.drafts().create(userId="me", body={"message": {"raw": raw(f"Draft {number}")}}).execute()
    for resource, key, count in ((users.messages(), "messages", 6), (users.threads(), "threads", 6), (users.drafts(), "drafts", 3)):
        seen, request = [], resource.list(userId="me", maxResults=2)
        while request is not None:
            answer = request.execute()
            seen += [one["id"] for one in answer[key]]
            request = resource.list_next(request, answer)
        assert len(set(seen)) == len(seen) == count


@pytest.mark.parametrize(("code", "reason"), [(429, "rateLimitExceeded"), (403, "userRateLimitExceeded")])
def test_a_quota_refuses_what_is_too_much_until_the_minute_is_over(emulator, users, clock, code, reason):
    emulator.quota.restrict(15_000, code=code, reason=reason)
    body = {"raw": raw()}
    for _ in range(150):
        users.messages().send(userId="me", body=body).execute()
    assert refusal(users.getProfile(userId="me")) == (code, reason)
    assert refusal(users.messages().send(userId="me", body=body)) == (code, reason)
    clock.advance(timedelta(minutes=1))
    assert users.getProfile(userId="me").execute()["messagesTotal"] == 150
    emulator.quota.restrict(None)


def test_an_upload_is_understood_without_googles_client(emulator, url):
    parts = (
        b'--part\r\nContent-Type: application/json\r\n\r\n{"labelIds": ["INBOX"]}\r\n--part\r\nContent-Type: message/rfc822\r\n\r\n',
        mail(),
        b"\r\n--part--",
    )
    kinds = {"Authorization": f"Bearer emulated:{MARIA}", "Content-Type": "multipart/related; boundary=part"}
    address = f"{url}/upload/gmail/v1/users/me/messages?uploadType=multipart"
    answer = httpx.post(address, content=b"".join(parts), headers=kinds, trust_env=False)
    assert answer.json()["labelIds"] == ["INBOX"]
    assert emulator.mailbox(MARIA).message(answer.json()["id"]).raw == mail()
    begun = httpx.post(
        address.replace("multipart", "resumable"), json={}, headers={"Authorization": kinds["Authorization"]}, trust_env=False
    )
    onward = begun.headers["Location"]
    first = httpx.put(onward, content=mail()[:10], headers={**kinds, "Content-Range": f"bytes 0-9/{len(mail())}"}, trust_env=False)
    assert (first.status_code, first.headers["Range"]) == (308, "bytes=0-9")
    wrong = httpx.put(onward, content=b"xx", headers={**kinds, "Content-Range": f"bytes 20-21/{len(mail())}"}, trust_env=False)
    assert wrong.status_code == 400
    rest = {**kinds, "Content-Range": f"bytes 10-{len(mail()) - 1}/{len(mail())}"}
    assert "id" in httpx.put(onward, content=mail()[10:], headers=rest, trust_env=False).json()
    assert httpx.put(onward, content=b"", headers=kinds, trust_env=False).status_code == 404


def test_a_batch_is_understood_without_googles_client(emulator, url):
    stored = emulator.deliver(MARIA, from_ana()).id
    asked = f"--b\nContent-Type: application/http\nContent-ID: <one>\n\nGET /gmail/v1/users/me/messages/{stored}?format=minimal\n\n--b--"
    kinds = {"Authorization": f"Bearer emulated:{MARIA}", "Content-Type": "multipart/mixed; boundary=b"}
    answer = httpx.post(f"{url}/batch/gmail/v1", content=asked, headers=kinds, trust_env=False)
    assert "Content-ID: <response-one>" in answer.text
    assert json.loads("{" + answer.text.partition("{")[2].rpartition("}")[0] + "}")["id"] == stored
    assert httpx.post(f"{url}/batch", content="", headers=kinds, trust_env=False).status_code == 400
    assert httpx.post(f"{url}/batch", content=asked, trust_env=False).status_code == 401


def test_only_a_confirmed_alias_is_sent_under_and_any_other_sender_becomes_the_primary(emulator, users):
    users.settings().sendAs().create(userId="me", body={"sendAsEmail": "desk@münchen.example", "displayName": "Desk"}).execute()

    def stored_from(sender: str) -> str:
        raw = base64.urlsafe_b64encode(f"From: {sender}\r\nTo: a@x.example\r\nSubject: S\r\n\r\nHi".encode()).decode()
        draft = users.drafts().create(userId="me", body={"message": {"raw": raw}}).execute()
        return str(emulator.mailbox(MARIA).draft_message(draft["id"]).mime["From"])

    assert stored_from("Desk <desk@xn--mnchen-3ya.example>") == f"Maria Costa <{MARIA}>"
    users.settings().sendAs().verify(userId="me", sendAsEmail="desk@münchen.example").execute()
    assert stored_from("Desk <desk@xn--mnchen-3ya.example>") == "Desk <desk@xn--mnchen-3ya.example>"
    assert stored_from("boss@northwind.example") == f"Maria Costa <{MARIA}>"
