"""What answers are made of: pages, lists, and stored documents as they are shown. Used by functions/api/answers.py."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, create_model

from shared.stages.reading.records import KEPT_INSIDE

T = TypeVar("T")


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Page(Answer, Generic[T]):
    """`next` is the cursor of the next page; empty on the last one."""

    items: list[T]
    next: str


class Items(Answer, Generic[T]):
    items: list[T]


def page_of(of: Any) -> Any:
    return Page[of]


def shown(name: str, of: type[BaseModel], *also: type[BaseModel], only: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> Any:
    """The model of a document as it is shown: these fields alone, or without those; `also` holds what is worked out for the reader."""
    hidden = {*KEPT_INSIDE, *without, *(field for one in also for field in one.model_fields)}
    kept = {field: one for field, one in of.model_fields.items() if field not in hidden and (not only or field in only)}
    more = {field: one for model in also for field, one in model.model_fields.items()}
    fields: dict[str, Any] = {field: (one.annotation, one) for field, one in {**kept, **more}.items()}
    return create_model(name, __config__=ConfigDict(extra="forbid"), __doc__=of.__doc__, **fields)
