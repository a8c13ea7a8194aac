"""Calls every method of the SDK whose operation no check has reached, to see that the server lacks it."""

import enum
import inspect
import typing

import httpx
import pydantic

NAMES = {"retries", "server_url", "timeout_ms", "http_headers", "self"}


def probe(clerk, relay_url):
    """One call of every method, with arguments that mean nothing; the relay keeps what has not been asked before."""
    for name in clerk._sub_sdk_map:
        sub = getattr(clerk, name)
        for method, call in inspect.getmembers(sub, inspect.ismethod):
            if method.startswith("_") or method.endswith("_async") or method in {"do_request"}:
                continue
            asked = httpx.post(f"{relay_url}/-/count").json()["count"]
            error = None
            try:
                call(**arguments(call))
            except Exception as thrown:  # noqa: BLE001 a refusal is what is expected
                error = thrown
            if httpx.post(f"{relay_url}/-/count").json()["count"] == asked:
                outcome = {"name": f"{name}.{method} is asked at all", "outcome": "failed", "error": repr(error)[:500]}
                httpx.post(f"{relay_url}/-/outcome", json=outcome)


def arguments(call):
    """Something for every argument that must be given."""
    hints = typing.get_type_hints(call)
    given = {}
    for name, parameter in inspect.signature(call).parameters.items():
        if name in NAMES or parameter.default is not inspect.Parameter.empty and name != "request":
            continue
        if name == "request" and parameter.default is not inspect.Parameter.empty:
            continue
        given[name] = something(hints[name])
    return given


def something(kind, depth=0):
    """A value of the type that says nothing."""
    origin = typing.get_origin(kind)
    if origin is typing.Annotated or hasattr(kind, "__value__"):
        return something(getattr(kind, "__value__", None) or typing.get_args(kind)[0], depth)
    if origin is typing.Union:
        return something(typing.get_args(kind)[0], depth)
    if origin is typing.Literal:
        return typing.get_args(kind)[0]
    if inspect.isclass(kind) and issubclass(kind, enum.Enum):
        return next(iter(kind))
    if inspect.isclass(kind) and issubclass(kind, pydantic.BaseModel) and depth < 4:
        fields = {name: something(field.annotation, depth + 1) for name, field in kind.model_fields.items() if field.is_required()}
        return kind(**fields)
    if inspect.isclass(kind) and typing.is_typeddict(kind) and depth < 4:
        hints = typing.get_type_hints(kind)
        return {name: something(hints[name], depth + 1) for name in kind.__required_keys__}
    if kind in (int, float):
        return 1
    if kind is bool:
        return False
    if kind is str:
        return "none"
    name = getattr(origin, "__name__", "")
    if name in {"list", "Iterable", "List"}:
        return [something(typing.get_args(kind)[0], depth + 1)]
    if name in {"dict", "Mapping", "Dict"}:
        return {}
    return None
