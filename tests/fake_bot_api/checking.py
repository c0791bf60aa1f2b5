"""A method's name and the fields of a request in; aiogram's model of that method out, or a Violation.

aiogram's pydantic classes are the independent model: python-telegram-bot wrote the request, it does not judge it.
"""

import json
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

import aiogram.methods
from aiogram.methods import TelegramMethod
from pydantic import BaseModel, ValidationError

from fake_bot_api.errors import NoSuchMethod, Violation

MODELS: dict[str, type[TelegramMethod]] = {
    model.__api_method__.lower(): model
    for model in vars(aiogram.methods).values()
    if isinstance(model, type) and issubclass(model, TelegramMethod) and model is not TelegramMethod
}
DEEPEST = 8  # levels of models in models


def check_request(name: str, fields: Mapping[str, str]) -> tuple[TelegramMethod, dict[str, Any]]:
    """Return the checked method and its parameters as JSON; raise NoSuchMethod or Violation."""
    model = MODELS.get(name.lower())
    if model is None:
        raise NoSuchMethod("Not Found")
    parameters = {key: _from_form(model, key, value) for key, value in fields.items()}
    try:
        method = model.model_validate_json(json.dumps(parameters), strict=True)
    except ValidationError as error:
        raise Violation(f"Bad Request: {_in_words(error)}") from error
    unknown = sorted(_unknown_fields(method))
    if unknown:
        raise Violation(f"Bad Request: {name} has no field {', '.join(unknown)}")
    return method, parameters


def _in_words(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _from_form(model: type[BaseModel], key: str, value: str) -> Any:
    """A form carries text only: what is no text in the model was written as JSON."""
    kinds = _leaf_types(model.model_fields[key].annotation) if key in model.model_fields else {str}
    if str in kinds and not (int in kinds and value.lstrip("-").isdecimal()):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value  # the model will refuse it by name


def _leaf_types(annotation: Any) -> set[Any]:
    if get_origin(annotation) in (Union, UnionType):
        return set().union(*(_leaf_types(part) for part in get_args(annotation)))
    return {annotation}


def _unknown_fields(value: Any, prefix: str = "", depth: int = 0) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _unknown_fields(item, prefix, depth)
    if not isinstance(value, BaseModel) or depth > DEEPEST:
        return
    for key in value.model_extra or {}:
        yield prefix + key
    for key in type(value).model_fields:
        yield from _unknown_fields(getattr(value, key), f"{prefix}{key}.", depth + 1)
