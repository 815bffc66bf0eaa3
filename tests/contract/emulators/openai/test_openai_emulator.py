"""The OpenAI emulator as its official client sees it."""

import json
from datetime import timedelta

import httpx
import openai
import pytest
from pydantic import BaseModel, ConfigDict

from emulators.faults import Fault, Kind

PROMPT = [{"role": "user", "content": "A company of 40 people wants to know how onboarding works."}]


class Summary(BaseModel):
    model_config = ConfigDict(extra="forbid")

    headline: str
    people: int
    tags: list[str]


def schema_format(schema, *, strict=True, name="answer"):
    return {"type": "json_schema", "json_schema": {"name": name, "strict": strict, "schema": schema}}


def ask(client, schema, **more):
    reply = client.chat.completions.create(model="gpt-5-mini", messages=PROMPT, response_format=schema_format(schema), **more)
    return json.loads(reply.choices[0].message.content)


def an_object(**properties):
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def test_the_official_client_parses_an_answer_into_its_own_model(client):
    reply = client.chat.completions.parse(model="gpt-5-mini", messages=PROMPT, response_format=Summary)
    assert reply.choices[0].message.parsed.headline
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens


def test_the_same_question_gets_the_same_answer(client):
    schema = an_object(topic={"type": "string"}, score={"type": "number", "minimum": 0, "maximum": 1})
    assert ask(client, schema) == ask(client, schema)


def test_a_recursive_schema_is_answered_without_end(client):
    schema = an_object(tree={"$ref": "#/$defs/node"})
    schema["$defs"] = {"node": an_object(label={"type": "string"}, children={"type": "array", "items": {"$ref": "#/$defs/node"}})}
    assert ask(client, schema)["tree"]["label"]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            "In context=(), 'additionalProperties' is required",
        ),
        ({**an_object(a={"type": "string"}), "required": []}, "Missing 'a'"),
        (an_object(a=an_object(b={"type": "string"}) | {"required": []}), "In context=('properties', 'a'), 'required'"),
        (an_object(a={"type": "object", "additionalProperties": {"type": "string"}}), "In context=('properties', 'a')"),
        (an_object(a={"allOf": [{"type": "string"}]}), "'allOf' is not permitted"),
        (an_object(a={"type": "array"}), "array schema missing items"),
        (an_object(a={}), "schema must have a 'type' key"),
        (an_object(a={"$ref": "#/$defs/gone"}), "not found in the schema"),
        ({"type": "array", "items": {"type": "string"}}, "schema must be a JSON Schema of 'type: \"object\"'"),
    ],
)
def test_a_schema_that_is_not_strict_is_refused_with_its_place(client, broken, told):
    with pytest.raises(openai.BadRequestError) as refusal:
        ask(client, broken)
    assert refusal.value.code == "invalid_json_schema"
    assert told in refusal.value.message


def test_eleven_levels_of_nesting_are_too_deep(client):
    deep = an_object(leaf={"type": "string"})
    for _ in range(10):
        deep = an_object(inner=deep)
    with pytest.raises(openai.BadRequestError, match="levels of nesting"):
        ask(client, deep)


def test_a_scripted_answer_is_given_once_to_the_prompt_it_is_meant_for(emulator, client):
    emulator.script({"headline": "Prepared"}, match="onboarding")
    emulator.script({"headline": "For somebody else"}, match="dismantling", times=None)
    schema = an_object(headline={"type": "string"})
    assert ask(client, schema) == {"headline": "Prepared"}
    assert ask(client, schema) != {"headline": "Prepared"}


def test_answers_can_be_scripted_over_the_control_route_and_cleared(emulator, url, client):
    schema = an_object(headline={"type": "string"})
    assert httpx.post(f"{url}/_emulator/script", json={"answer": {"headline": "By wire"}, "times": None}).status_code == 204
    assert ask(client, schema) == {"headline": "By wire"}
    assert httpx.delete(f"{url}/_emulator/script").status_code == 204
    assert ask(client, schema) != {"headline": "By wire"}
    assert httpx.post(f"{url}/_emulator/script", json={"anser": 1}).status_code == 400
    assert httpx.post(f"{url}/_emulator/script", json={}).status_code == 400


def test_a_refusal_carries_no_content(emulator, client):
    emulator.script(refusal="I cannot help with that.")
    message = client.chat.completions.create(model="gpt-4o", messages=PROMPT).choices[0].message
    assert (message.content, message.refusal) == (None, "I cannot help with that.")


def test_an_answer_longer_than_allowed_breaks_off(emulator, client):
    emulator.script("word " * 200)
    choice = client.chat.completions.create(model="gpt-5", messages=PROMPT, max_completion_tokens=10).choices[0]
    assert choice.finish_reason == "length"
    assert len(choice.message.content) == 40


def test_embeddings_arrive_in_both_encodings_and_mean_the_same(client):
    packed = client.embeddings.create(model="text-embedding-3-small", input=["logistics summit", "pasta recipe"])
    plain = client.embeddings.create(model="text-embedding-3-small", input=["logistics summit", "pasta recipe"], encoding_format="float")
    assert [one.index for one in packed.data] == [0, 1]
    for left, right in zip(packed.data, plain.data, strict=True):
        assert len(left.embedding) == 1536
        assert left.embedding == pytest.approx(right.embedding, abs=1e-6)


def test_embeddings_of_related_texts_are_closer(client):
    texts = ["registration for a logistics summit", "how does registration for the summit work", "pasta with tomatoes"]
    first, near, far = [one.embedding for one in client.embeddings.create(model="text-embedding-3-small", input=texts, dimensions=256).data]
    assert len(first) == 256
    assert _dot(first, near) > _dot(first, far)


@pytest.mark.parametrize(
    "wrong", [{"input": ""}, {"input": []}, {"input": [1, 2]}, {"input": "a", "dimensions": 9999}, {"input": "a" * 40_000}]
)
def test_embedding_requests_the_api_would_refuse_are_refused(client, wrong):
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model="text-embedding-3-small", **wrong)


def test_models_are_listed_and_unknown_ones_are_not_found(client):
    assert "gpt-5-mini" in {one.id for one in client.models.list()}
    assert client.models.retrieve("gpt-5-mini").owned_by == "system"
    with pytest.raises(openai.NotFoundError) as error:
        client.chat.completions.create(model="gpt-nonsense", messages=PROMPT)
    assert error.value.code == "model_not_found"


@pytest.mark.parametrize("setting", [{"max_tokens": 5}, {"temperature": 0.2}])
def test_reasoning_models_refuse_the_settings_of_older_ones(client, setting):
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="gpt-5", messages=PROMPT, **setting)
    assert client.chat.completions.create(model="gpt-4o", messages=PROMPT, **setting).choices


def test_what_is_not_emulated_says_so(client):
    with pytest.raises(openai.BadRequestError, match="does not serve 'background'"):
        client.responses.create(model="gpt-5", input="Hello", background=True)


def test_a_wrong_or_missing_key_is_unauthorized(emulator, client, url):
    emulator.accept_only("sk-other")
    with pytest.raises(openai.AuthenticationError) as error:
        client.models.list()
    assert error.value.code == "invalid_api_key"
    assert "sk-test" not in str(error.value)
    assert httpx.get(f"{url}/v1/models").status_code == 401


def test_every_answer_says_how_much_of_the_limit_is_left(client):
    first = client.chat.completions.with_raw_response.create(model="gpt-4o", messages=PROMPT)
    second = client.chat.completions.with_raw_response.create(model="gpt-4o", messages=PROMPT)
    left = [int(one.headers["x-ratelimit-remaining-requests"]) for one in (first, second)]
    assert left[0] - left[1] == 1
    assert second.headers["x-ratelimit-reset-requests"] == "60s"
    assert second.headers["x-request-id"].startswith("req_")


def test_the_limit_holds_until_the_minute_turns(emulator, client):
    emulator.limit_requests(per_minute=1)
    client.chat.completions.create(model="gpt-4o", messages=PROMPT)
    with pytest.raises(openai.RateLimitError) as error:
        client.chat.completions.create(model="gpt-4o", messages=PROMPT)
    assert error.value.code == "rate_limit_exceeded"
    assert error.value.response.headers["retry-after"] == "60"
    emulator.clock.advance(timedelta(seconds=61))
    assert client.chat.completions.create(model="gpt-4o", messages=PROMPT).choices


def test_an_exhausted_quota_is_told_apart_from_the_rate_limit(emulator, client):
    emulator.exhaust_quota()
    with pytest.raises(openai.RateLimitError) as error:
        client.embeddings.create(model="text-embedding-3-small", input="a")
    assert error.value.code == "insufficient_quota"


def test_faults_strike_by_route(emulator, client):
    emulator.faults.add(Fault("openai.chat.*", Kind.STATUS, status=503, times=1))
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="gpt-4o", messages=PROMPT)
    assert client.chat.completions.create(model="gpt-4o", messages=PROMPT).choices


def test_state_survives_a_dump_and_reset_forgets_it(emulator):
    emulator.script({"a": 1}, times=None)
    emulator.limit_requests(per_minute=7)
    kept = json.loads(json.dumps(emulator.dump()))
    emulator.reset()
    assert emulator.dump() != kept
    emulator.load(kept)
    assert emulator.dump() == kept


def test_an_unknown_path_is_answered_in_the_envelope(url):
    answer = httpx.get(f"{url}/v1/nothing")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_url")


def _dot(left, right):
    return sum(a * b for a, b in zip(left, right, strict=True))
