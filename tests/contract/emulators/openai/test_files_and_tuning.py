"""Files, fine-tuning jobs on the emulator's clock and transcriptions as the official client sees them."""

import io
import json
import wave
from datetime import timedelta

import httpx
import openai
import pytest


def examples(count=10, *, role="assistant"):
    line = json.dumps({"messages": [{"role": "user", "content": "Hi"}, {"role": role, "content": "Hello"}]})
    return ("mails.jsonl", "\n".join([line] * count).encode())


def recording(seconds=2):
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 8000 * seconds)
    return ("call-with-ana.wav", target.getvalue())


@pytest.fixture
def job(client):
    def start(**more):
        given = client.files.create(file=examples(), purpose="fine-tune")
        return client.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=given.id, suffix="northwind", **more)

    return start


def test_a_file_is_uploaded_listed_read_and_deleted(client):
    first = client.files.create(file=examples(), purpose="fine-tune")
    second = client.files.create(file=("notes.txt", b"Hello"), purpose="user_data")
    assert [one.id for one in client.files.list(limit=1)] == [second.id, first.id]
    assert [one.id for one in client.files.list(purpose="fine-tune")] == [first.id]
    assert client.files.retrieve(second.id).bytes == 5
    assert client.files.content(second.id).read() == b"Hello"
    assert client.files.delete(second.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(second.id)


@pytest.mark.parametrize(("file", "purpose"), [(("a.txt", b"x"), "fine-tune"), (("a.txt", b"x"), "decoration")])
def test_a_file_needs_a_purpose_and_the_format_it_asks_for(client, file, purpose):
    with pytest.raises(openai.BadRequestError):
        client.files.create(file=file, purpose=purpose)


def test_a_job_moves_with_the_clock_until_its_model_answers(client, emulator, job):
    made = job()
    seen = []
    for minutes in (0, 1, 1, 9, 1):
        emulator.clock.advance(timedelta(minutes=minutes))
        seen.append(client.fine_tuning.jobs.retrieve(made.id).status)
    assert seen == ["validating_files", "queued", "running", "running", "succeeded"]
    done = client.fine_tuning.jobs.retrieve(made.id)
    assert done.fine_tuned_model.startswith("ft:gpt-4o-mini:emulated:northwind:")
    assert done.fine_tuned_model in {one.id for one in client.models.list()}
    asked = client.chat.completions.create(model=done.fine_tuned_model, messages=[{"role": "user", "content": "Hi"}])
    assert asked.model == done.fine_tuned_model
    messages = [event.message for event in client.fine_tuning.jobs.list_events(made.id, limit=3)]
    assert messages[0].startswith("New fine-tuned model created")
    assert len(messages) == 8
    assert [one.step_number for one in client.fine_tuning.jobs.checkpoints.list(made.id)] == [3, 2, 1]


def test_a_model_is_unknown_before_its_job_is_through(client, emulator, job):
    made = job()
    emulator.clock.advance(timedelta(minutes=12))
    name = client.fine_tuning.jobs.retrieve(made.id).fine_tuned_model
    emulator.clock.advance(timedelta(minutes=-2))
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve(name)


def test_a_job_can_be_cancelled_paused_and_resumed(client, emulator, job):
    cancelled = client.fine_tuning.jobs.cancel(job().id)
    assert cancelled.status == "cancelled"
    with pytest.raises(openai.BadRequestError):
        client.fine_tuning.jobs.cancel(cancelled.id)
    made = job()
    emulator.clock.advance(timedelta(minutes=5))
    assert client.fine_tuning.jobs.pause(made.id).status == "paused"
    emulator.clock.advance(timedelta(hours=5))
    assert client.fine_tuning.jobs.resume(made.id).status == "running"
    emulator.clock.advance(timedelta(minutes=7))
    assert client.fine_tuning.jobs.retrieve(made.id).status == "succeeded"
    assert [one.id for one in client.fine_tuning.jobs.list(limit=1)] == [made.id, cancelled.id]


@pytest.mark.parametrize("file", [examples(9), examples(10, role="user"), ("x.jsonl", b"not json\n" * 10)])
def test_a_file_that_does_not_train_fails_the_job(client, emulator, file):
    given = client.files.create(file=file, purpose="fine-tune")
    made = client.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=given.id)
    emulator.clock.advance(timedelta(minutes=1))
    failed = client.fine_tuning.jobs.retrieve(made.id)
    assert (failed.status, failed.error.code, failed.error.param) == ("failed", "invalid_training_file", "training_file")


@pytest.mark.parametrize("wrong", [{"training_file": "file-none"}, {"model": "gpt-5"}])
def test_a_job_needs_a_file_and_a_model_that_can_be_tuned(client, wrong):
    given = client.files.create(file=examples(), purpose="fine-tune")
    with pytest.raises(openai.BadRequestError):
        client.fine_tuning.jobs.create(**{"model": "gpt-4o-mini", "training_file": given.id, **wrong})


def test_a_recording_is_heard_the_same_way_each_time_or_as_it_was_scripted(client, emulator, url):
    first, again = (client.audio.transcriptions.create(file=recording(), model="gpt-4o-transcribe").text for _ in range(2))
    assert first == again
    emulator.transcribe("We are forty people.", match="call-with-ana")
    told = client.audio.transcriptions.create(file=recording(), model="whisper-1", response_format="verbose_json")
    assert (told.text, told.duration, told.segments[0].text) == ("We are forty people.", 2.0, "We are forty people.")
    words = client.audio.transcriptions.create(
        file=recording(), model="whisper-1", response_format="verbose_json", timestamp_granularities=["word"]
    )
    assert [one.word for one in words.words] == ["We", "are", "forty", "people."]
    assert client.audio.transcriptions.create(file=recording(), model="whisper-1", response_format="text") == "We are forty people.\n"
    assert "-->" in client.audio.transcriptions.create(file=recording(), model="whisper-1", response_format="srt")
    assert httpx.post(f"{url}/_emulator/transcripts", json={"text": "Hello", "match": "other"}).status_code == 204
    assert client.audio.transcriptions.create(file=("other.mp3", b"x"), model="whisper-1").text == "Hello"


@pytest.mark.parametrize(
    "wrong",
    [{"file": ("a.txt", b"x")}, {"response_format": "srt"}, {"model": "gpt-5"}, {"file": ("a.wav", b"\0" * (25 * 1024 * 1024 + 1))}],
)
def test_recordings_the_api_would_refuse_are_refused(client, wrong):
    with pytest.raises(openai.APIStatusError) as refusal:
        client.audio.transcriptions.create(**{"file": recording(), "model": "gpt-4o-transcribe", **wrong})
    assert refusal.value.status_code in (400, 404, 413)


def test_files_jobs_and_responses_survive_a_dump(client, emulator, job):
    job()
    client.responses.create(model="gpt-5-mini", input="Hello")
    kept = json.loads(json.dumps(emulator.dump()))
    emulator.reset()
    emulator.load(kept)
    assert emulator.dump() == kept
    assert len(list(client.fine_tuning.jobs.list())) == 1
