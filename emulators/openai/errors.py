"""OpenAI's refusals: one envelope `{"error": {message, type, param, code}}`, worded as the API words them."""

from typing import Any


class OpenAIError(Exception):
    """`code` is what clients branch on; `headers` carries Retry-After where the API sends one."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.type, self.param, self.code = status, message, type, param, code
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


def missing_key() -> OpenAIError:
    return OpenAIError(401, "You didn't provide an API key. Provide it in an Authorization header using Bearer auth.")


def incorrect_key(key: str) -> OpenAIError:
    shown = f"{key[:3]}***{key[-2:]}" if len(key) > 8 else "***"
    return OpenAIError(401, f"Incorrect API key provided: {shown}.", code="invalid_api_key")


def unreadable_body() -> OpenAIError:
    return OpenAIError(400, "We could not parse the JSON body of your request.")


def missing_parameter(name: str) -> OpenAIError:
    return OpenAIError(400, f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter")


def invalid_value(name: str, wish: str) -> OpenAIError:
    return OpenAIError(400, f"Invalid value for '{name}': {wish}.", param=name, code="invalid_value")


def unsupported_parameter(name: str, *, instead: str) -> OpenAIError:
    message = f"Unsupported parameter: '{name}' is not supported with this model. Use '{instead}' instead."
    return OpenAIError(400, message, param=name, code="unsupported_parameter")


def unsupported_value(name: str, value: object) -> OpenAIError:
    message = f"Unsupported value: '{name}' does not support {value} with this model. Only the default (1) value is supported."
    return OpenAIError(400, message, param=name, code="unsupported_value")


def not_emulated(name: str) -> OpenAIError:
    return OpenAIError(400, f"The OpenAI emulator does not serve '{name}'.", param=name, code="not_emulated")


def unknown_model(model: str) -> OpenAIError:
    return OpenAIError(404, f"The model `{model}` does not exist or you do not have access to it.", param="model", code="model_not_found")


def invalid_schema(name: str, problem: str) -> OpenAIError:
    message = f"Invalid schema for response_format '{name}': {problem}"
    return OpenAIError(400, message, param="response_format", code="invalid_json_schema")


def rate_limited(*, limit: int, wait_s: float) -> OpenAIError:
    message = f"Rate limit reached for requests: Limit {limit}, Used {limit}, Requested 1. Please try again in {wait_s:g}s."
    headers = {"retry-after": str(max(1, round(wait_s))), "retry-after-ms": str(round(wait_s * 1000))}
    return OpenAIError(429, message, type="requests", code="rate_limit_exceeded", headers=headers)


def quota_used_up() -> OpenAIError:
    message = "You exceeded your current quota, please check your plan and billing details."
    return OpenAIError(429, message, type="insufficient_quota", code="insufficient_quota")


def context_too_long(most: int, given: int) -> OpenAIError:
    message = f"This model's maximum context length is {most} tokens. However, your messages resulted in {given} tokens."
    return OpenAIError(400, f"{message} Please reduce the length of the messages.", param="messages", code="context_length_exceeded")


def not_found(message: str, *, param: str | None = None) -> OpenAIError:
    return OpenAIError(404, message, param=param)


def previous_response_gone(response_id: str) -> OpenAIError:
    message = f"Previous response with id '{response_id}' not found."
    return OpenAIError(400, message, param="previous_response_id", code="previous_response_not_found")


def wrong_state(message: str) -> OpenAIError:
    return OpenAIError(400, message)


def too_large(most: int) -> OpenAIError:
    return OpenAIError(413, f"Maximum content size limit ({most}) exceeded")


def unknown_url(method: str, path: str) -> OpenAIError:
    return OpenAIError(404, f"Invalid URL ({method} {path})", code="unknown_url")
