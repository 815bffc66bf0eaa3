"""The Responses API, tools and streams as the official client sees them; every event is held against the specification."""

import json

import openai
import pytest
from pydantic import BaseModel, ConfigDict

PROMPT = [{"role": "user", "content": "A company of 40 people wants to know how onboarding works."}]
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
WEATHER = {"type": "function", "name": "weather", "parameters": PARAMETERS, "strict": True}
NESTED = {"type": "function", "function": {"name": "weather", "parameters": PARAMETERS, "strict": True}}


class Summary(BaseModel):
    model_config = ConfigDict(extra="forbid")

    headline: str
    people: int


def test_a_response_is_text_by_default_and_is_kept(client):
    made = client.responses.create(model="gpt-5-mini", instructions="Be brief.", input="How does onboarding work?", metadata={"run": "7"})
    assert made.output_text == "You wrote 6 words."
    assert client.responses.retrieve(made.id).metadata == {"run": "7"}
    assert [item.content[0].text for item in client.responses.input_items.list(made.id)] == ["How does onboarding work?"]
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)


def test_a_response_that_is_not_stored_is_gone(client):
    made = client.responses.create(model="gpt-5-mini", input="Hello", store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)


def test_structured_output_is_parsed_into_the_callers_model(client, emulator):
    parsed = client.responses.parse(model="gpt-5-mini", input="Summarise: forty people ask about onboarding.", text_format=Summary)
    assert parsed.output_parsed.headline
    emulator.script({"headline": "Prepared", "people": 40})
    again = client.responses.parse(model="gpt-5-mini", input="Summarise.", text_format=Summary)
    assert again.output_parsed == Summary(headline="Prepared", people=40)
    broken = {"type": "json_schema", "name": "x", "strict": True, "schema": {"type": "object", "properties": {}}}
    with pytest.raises(openai.BadRequestError) as refusal:
        client.responses.create(model="gpt-5-mini", input="x", text={"format": broken})
    assert refusal.value.code == "invalid_json_schema"


def test_earlier_turns_are_taken_along(client, emulator):
    first = client.responses.create(model="gpt-5-mini", input="My name is Ana Brightleaf.")
    emulator.script("Ana", match="Ana Brightleaf")
    assert client.responses.create(model="gpt-5-mini", input="Who am I?", previous_response_id=first.id).output_text == "Ana"
    with pytest.raises(openai.BadRequestError) as refusal:
        client.responses.create(model="gpt-5-mini", input="Who am I?", previous_response_id="resp_gone")
    assert refusal.value.code == "previous_response_not_found"


def test_a_function_is_called_and_its_result_comes_back(client, emulator):
    emulator.script(tool_calls=[{"name": "weather", "arguments": {"city": "Kiel"}}])
    asked = client.responses.create(model="gpt-5-mini", input="Weather in Kiel?", tools=[WEATHER])
    [call] = asked.output
    assert (call.type, json.loads(call.arguments)) == ("function_call", {"city": "Kiel"})
    emulator.script("Rainy.", match="12 degrees")
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "12 degrees, rain"}
    told = client.responses.create(model="gpt-5-mini", previous_response_id=asked.id, input=[result], tools=[WEATHER])
    assert told.output_text == "Rainy."


@pytest.mark.parametrize("choice", ["required", {"type": "function", "name": "weather"}])
def test_a_tool_that_is_insisted_on_is_called_with_arguments_that_fit(client, choice):
    made = client.responses.create(model="gpt-5-mini", input="Weather?", tools=[WEATHER], tool_choice=choice)
    assert set(json.loads(made.output[0].arguments)) == {"city"}


@pytest.mark.parametrize(
    ("given", "status", "reason"),
    [
        ({"refusal": "No."}, "completed", None),
        ({"answer": "a b c d", "finish_reason": "length"}, "incomplete", "max_output_tokens"),
        ({"finish_reason": "content_filter"}, "incomplete", "content_filter"),
    ],
)
def test_refusals_and_broken_off_answers_are_told_apart(client, emulator, given, status, reason):
    emulator.script(**given)
    made = client.responses.create(model="gpt-5-mini", input="Hello")
    assert (made.status, made.incomplete_details and made.incomplete_details.reason) == (status, reason)
    assert (made.output[0].content[0].type == "refusal") == ("refusal" in given)


def test_input_that_is_too_long_is_refused_before_anything_is_said(client):
    with pytest.raises(openai.BadRequestError) as refusal:
        client.responses.create(model="gpt-4o", input="word " * 110_000)
    assert refusal.value.code == "context_length_exceeded"
    assert client.responses.input_tokens.count(model="gpt-4o", input="word " * 110_000).input_tokens > 128_000


@pytest.mark.parametrize("given", [{"answer": "Hello there, Ana, how are you?"}, {"refusal": "I cannot help with that."}])
def test_a_response_streams_its_events_in_order(client, emulator, fits, given):
    emulator.script(**given)
    events = list(client.responses.create(model="gpt-5-mini", input="Hello", stream=True))
    for event in events:
        fits("ResponseStreamEvent", event)
    kinds = [event.type for event in events]
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    assert [event.sequence_number for event in events] == list(range(len(events)))
    told = "".join(event.delta for event in events if event.type.endswith(".delta"))
    assert told == given.get("answer", given.get("refusal"))
    assert client.responses.retrieve(events[-1].response.id).status == "completed"


def test_the_clients_own_stream_puts_calls_together(client, emulator, fits):
    emulator.script(tool_calls=[{"name": "weather", "arguments": {"city": "Kiel on the Baltic Sea"}}])
    with client.responses.stream(model="gpt-5-mini", input="Weather?", tools=[WEATHER]) as stream:
        final = stream.get_final_response()
    assert json.loads(final.output[0].arguments) == {"city": "Kiel on the Baltic Sea"}


def test_a_chat_streams_in_chunks_and_ends_with_its_usage(client, emulator, fits):
    emulator.script("Hello there, Ana, how are you?")
    chunks = list(client.chat.completions.create(model="gpt-4o", messages=PROMPT, stream=True, stream_options={"include_usage": True}))
    for chunk in chunks:
        fits("CreateChatCompletionStreamResponse", chunk)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks[:-1]) == "Hello there, Ana, how are you?"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage.total_tokens > 0


def test_a_chat_streams_a_refusal_and_calls(client, emulator, fits):
    emulator.script(refusal="I cannot help with that.")
    refused = list(client.chat.completions.create(model="gpt-4o", messages=PROMPT, stream=True))
    assert "".join(chunk.choices[0].delta.refusal or "" for chunk in refused) == "I cannot help with that."
    emulator.script(tool_calls=[{"name": "weather", "arguments": {"city": "Kiel"}}])
    with client.chat.completions.stream(model="gpt-4o", messages=PROMPT, tools=[NESTED]) as stream:
        final = stream.get_final_completion()
    assert json.loads(final.choices[0].message.tool_calls[0].function.arguments) == {"city": "Kiel"}


def test_a_chat_calls_a_tool_and_takes_its_answer(client, emulator):
    emulator.script(tool_calls=[{"name": "weather", "arguments": {"city": "Kiel"}}])
    asked = client.chat.completions.create(model="gpt-4o", messages=PROMPT, tools=[NESTED]).choices[0]
    assert asked.finish_reason == "tool_calls"
    answer = {"role": "tool", "tool_call_id": asked.message.tool_calls[0].id, "content": "12 degrees"}
    turns = [*PROMPT, asked.message.model_dump(exclude_none=True, exclude={"annotations"}), answer]
    assert client.chat.completions.create(model="gpt-4o", messages=turns, tools=[NESTED]).choices[0].message.content
    with pytest.raises(openai.BadRequestError, match="must be a response to a preceding message"):
        client.chat.completions.create(model="gpt-4o", messages=[*PROMPT, answer])


@pytest.mark.parametrize(
    "tools",
    [
        [{"type": "function", "function": {"name": "no spaces"}}],
        [{"type": "function", "function": {"name": "x", "strict": True, "parameters": {"type": "object", "properties": {}}}}],
    ],
)
def test_tools_the_api_would_refuse_are_refused(client, tools):
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="gpt-4o", messages=PROMPT, tools=tools)


def test_a_filtered_chat_says_nothing_and_several_choices_are_given(client, emulator):
    emulator.script(finish_reason="content_filter")
    filtered = client.chat.completions.create(model="gpt-4o", messages=PROMPT).choices[0]
    assert (filtered.finish_reason, filtered.message.content) == ("content_filter", "")
    assert len(client.chat.completions.create(model="gpt-4o", messages=PROMPT, n=2).choices) == 2
