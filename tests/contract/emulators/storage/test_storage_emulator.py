"""Google's own REST client drives the storage emulator, and Google's published description judges every answer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaInMemoryUpload

from emulators.clock import Clock
from emulators.serving import HttpServer
from emulators.storage.routes import StorageEmulator
from tests.contract.emulators.google_client import official_client

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BUCKET = "northwind-audit"


@pytest.fixture
def emulator() -> StorageEmulator:
    return StorageEmulator(Clock(frozen_at=START))


@pytest.fixture
def served(emulator: StorageEmulator) -> Iterator[str]:
    with HttpServer(emulator) as server:
        yield server.url


@pytest.fixture
def storage(served: str) -> Iterator[Any]:
    service = official_client("storage", served, token="anybody")
    service.buckets().insert(project="sdr", body={"name": BUCKET}).execute()
    yield service
    service.close()


def put(storage: Any, name: str, content: bytes, **conditions: str) -> Any:
    media = MediaInMemoryUpload(content, mimetype="application/json")
    return storage.objects().insert(bucket=BUCKET, name=name, media_body=media, **conditions).execute()


def lock(storage: Any, seconds: int) -> None:
    body = {"retentionPolicy": {"retentionPeriod": str(seconds)}}
    made = storage.buckets().patch(bucket=BUCKET, body=body).execute()
    storage.buckets().lockRetentionPolicy(bucket=BUCKET, ifMetagenerationMatch=made["metageneration"]).execute()


def reason(refused: pytest.ExceptionInfo[HttpError]) -> tuple[int, str]:
    return refused.value.status_code, refused.value.error_details[0]["reason"]


def test_an_object_is_inserted_read_and_removed(storage: Any) -> None:
    made = put(storage, "north/a b.json", b"{}")
    assert (made["name"], made["size"], made["contentType"]) == ("north/a b.json", "2", "application/json")
    found = storage.objects().get(bucket=BUCKET, object="north/a b.json").execute()
    assert found == made
    assert storage.objects().get_media(bucket=BUCKET, object="north/a b.json").execute() == b"{}"
    storage.objects().delete(bucket=BUCKET, object="north/a b.json").execute()
    with pytest.raises(HttpError) as refused:
        storage.objects().get(bucket=BUCKET, object="north/a b.json").execute()
    assert reason(refused) == (404, "notFound")


def test_an_object_that_must_not_exist_yet_is_written_once(storage: Any) -> None:
    first = put(storage, "head", b"1", ifGenerationMatch="0")
    with pytest.raises(HttpError) as refused:
        put(storage, "head", b"2", ifGenerationMatch="0")
    assert reason(refused) == (412, "conditionNotMet")
    second = put(storage, "head", b"2", ifGenerationMatch=first["generation"])
    assert int(second["generation"]) > int(first["generation"])
    with pytest.raises(HttpError) as stale:
        storage.objects().delete(bucket=BUCKET, object="head", ifGenerationMatch=first["generation"]).execute()
    assert reason(stale) == (412, "conditionNotMet")


def test_names_are_listed_in_order_by_prefix_and_from_an_offset_in_pages(storage: Any) -> None:
    for name in ("b/2", "a/1", "b/10", "b/1", "c/1"):
        put(storage, name, b"")

    def names(**asked: Any) -> list[str]:
        return [one["name"] for one in storage.objects().list(bucket=BUCKET, **asked).execute().get("items", [])]

    assert names() == ["a/1", "b/1", "b/10", "b/2", "c/1"]
    assert names(prefix="b/") == ["b/1", "b/10", "b/2"]
    assert names(prefix="b/", startOffset="b/10") == ["b/10", "b/2"]
    assert names(endOffset="b/10") == ["a/1", "b/1"]
    assert names(prefix="z") == []
    page = storage.objects().list(bucket=BUCKET, prefix="b/", maxResults=2).execute()
    rest = storage.objects().list(bucket=BUCKET, prefix="b/", maxResults=2, pageToken=page["nextPageToken"]).execute()
    assert ([one["name"] for one in rest["items"]], "nextPageToken" in rest) == (["b/2"], False)


def test_what_is_under_retention_is_neither_overwritten_nor_removed_until_its_time_is_over(storage: Any, emulator: StorageEmulator) -> None:
    lock(storage, 3600)
    put(storage, "head", b"1")
    for attempt in (lambda: put(storage, "head", b"2"), lambda: storage.objects().delete(bucket=BUCKET, object="head").execute()):
        with pytest.raises(HttpError) as refused:
            attempt()
        assert reason(refused) == (403, "retentionPolicyNotMet")
    assert emulator.contents(BUCKET) == {"head": b"1"}
    emulator.clock.advance(timedelta(hours=1))
    storage.objects().delete(bucket=BUCKET, object="head").execute()
    assert emulator.contents(BUCKET) == {}


def test_a_locked_policy_grows_and_never_shrinks(storage: Any) -> None:
    lock(storage, 3600)
    for body in ({"retentionPolicy": {"retentionPeriod": "60"}}, {"retentionPolicy": None}):
        with pytest.raises(HttpError) as refused:
            storage.buckets().patch(bucket=BUCKET, body=body).execute()
        assert reason(refused) == (403, "forbidden")
    longer = storage.buckets().patch(bucket=BUCKET, body={"retentionPolicy": {"retentionPeriod": "7200"}}).execute()
    assert longer["retentionPolicy"]["isLocked"] is True


def test_a_policy_is_locked_only_as_it_was_seen(storage: Any) -> None:
    storage.buckets().patch(bucket=BUCKET, body={"retentionPolicy": {"retentionPeriod": "60"}}).execute()
    with pytest.raises(HttpError) as refused:
        storage.buckets().lockRetentionPolicy(bucket=BUCKET, ifMetagenerationMatch="1").execute()
    assert reason(refused) == (412, "conditionNotMet")


def test_a_bucket_with_something_in_it_is_not_removed(storage: Any) -> None:
    put(storage, "head", b"1")
    with pytest.raises(HttpError) as refused:
        storage.buckets().delete(bucket=BUCKET).execute()
    assert reason(refused) == (409, "conflict")


def test_a_name_is_taken_once_and_an_unknown_bucket_is_not_found(storage: Any) -> None:
    with pytest.raises(HttpError) as taken:
        storage.buckets().insert(project="sdr", body={"name": BUCKET}).execute()
    with pytest.raises(HttpError) as unknown:
        storage.buckets().get(bucket="nobodys").execute()
    assert (reason(taken), reason(unknown)) == ((409, "conflict"), (404, "notFound"))


def test_a_dump_holds_everything(storage: Any, emulator: StorageEmulator) -> None:
    lock(storage, 3600)
    put(storage, "head", b"\x00\xff")
    kept = emulator.dump()
    emulator.reset()
    assert emulator.dump()["buckets"] == []
    emulator.load(kept)
    assert emulator.contents(BUCKET) == {"head": b"\x00\xff"}
    with pytest.raises(HttpError):
        storage.objects().delete(bucket=BUCKET, object="head").execute()


def test_what_it_does_not_know_is_refused_in_googles_words(served: str, storage: Any) -> None:
    answer = httpx.get(f"{served}/storage/v1/b/{BUCKET}/o", params={"delimiter": "/"})
    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (400, "invalid")
    assert httpx.get(f"{served}/storage/v1/unknown").json()["error"]["code"] == 404
