"""Transcriptions: scripted by the name of the file, else made from its bytes; in every format the API answers in."""

import hashlib
import io
import wave
from contextlib import closing
from typing import Any

from werkzeug.wrappers import Request

from emulators.openai import errors
from emulators.openai.answering import tokens
from emulators.openai.state import ModelState

MODELS = ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe")
KINDS = ("flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm")
LARGEST = 25 * 1024 * 1024
SENTENCES = ("Thanks for taking the time.", "We have about forty people.", "Could you send the prices?", "Tuesday would suit us.")
BYTES_PER_SECOND = 16_000


def transcribe(request: Request, state: ModelState) -> tuple[str, dict[str, Any] | str]:
    """(the format, the answer: an object, or text for the formats that are text)."""
    given, model, wanted = request.files.get("file"), request.form.get("model"), request.form.get("response_format", "json")
    if given is None:
        raise errors.missing_parameter("file")
    with closing(given):
        content = given.read()
    if model not in MODELS:
        raise errors.unknown_model(model) if model else errors.missing_parameter("model")
    name = str(given.filename)
    if name.rpartition(".")[2].lower() not in KINDS:
        raise errors.invalid_value("file", f"unrecognized file format; supported are {', '.join(KINDS)}")
    if len(content) > LARGEST:
        raise errors.too_large(LARGEST)
    if wanted not in ("json", "text", "srt", "verbose_json", "vtt") or (model != "whisper-1" and wanted not in ("json", "text")):
        raise errors.invalid_value("response_format", f"'{wanted}' is not compatible with model '{model}'")
    text, seconds = state.transcript(name) or _heard(content), _duration(content)
    return wanted, _answer(wanted, text, seconds, request, whisper=model == "whisper-1")


def _answer(wanted: str, text: str, seconds: float, request: Request, *, whisper: bool) -> dict[str, Any] | str:
    if wanted == "text":
        return text + "\n"
    if wanted in ("srt", "vtt"):
        return _captions(text, seconds, comma=wanted == "srt")
    by_time = {"type": "duration", "seconds": max(1, round(seconds))}
    if wanted == "json":
        by_words = {"type": "tokens", "input_tokens": round(seconds * 10), "output_tokens": tokens(text)}
        return {"text": text, "usage": by_time if whisper else {**by_words, "total_tokens": round(seconds * 10) + tokens(text)}}
    language = request.form.get("language", "english")
    answer: dict[str, Any] = {"task": "transcribe", "language": language, "duration": seconds, "text": text, "usage": by_time}
    grains = request.form.getlist("timestamp_granularities[]") or ["segment"]
    if "word" in grains:
        words = text.split()
        step = seconds / max(1, len(words))
        answer["words"] = [{"word": one, "start": index * step, "end": (index + 1) * step} for index, one in enumerate(words)]
    if "segment" in grains:
        answer["segments"] = [_segment(text, seconds)]
    return answer


def _segment(text: str, seconds: float) -> dict[str, Any]:
    return {
        "id": 0, "seek": 0, "start": 0.0, "end": seconds, "text": text, "tokens": [50364], "temperature": 0.0, "avg_logprob": -0.2,
        "compression_ratio": 1.2, "no_speech_prob": 0.01,
    }  # fmt: skip


def _captions(text: str, seconds: float, *, comma: bool) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    mark = "," if comma else "."
    ends = f"00:{whole // 60:02d}:{whole % 60:02d}{mark}{thousandths:03d}"
    line = f"00:00:00{mark}000 --> {ends}\n{text}\n\n"
    return f"1\n{line}" if comma else f"WEBVTT\n\n{line}"


def _heard(content: bytes) -> str:
    """The same recording is always understood the same way."""
    digest = hashlib.sha256(content).digest()
    return " ".join(SENTENCES[byte % len(SENTENCES)] for byte in digest[:3])


def _duration(content: bytes) -> float:
    """Of a WAV what it says, of anything else a guess from its size."""
    try:
        with wave.open(io.BytesIO(content)) as recording:
            return float(recording.getnframes() / recording.getframerate())
    except (wave.Error, EOFError):
        return len(content) / BYTES_PER_SECOND
