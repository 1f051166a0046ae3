"""What a model says, and how each of the two endpoints wraps it."""

import time
import uuid
from dataclasses import dataclass
from typing import Any

from gonogo.local.providers.xai.asking import Asked

_PER_TOKEN = 4
_REASONING_TOKENS = 24
_TICKS = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a model says.

    Attributes:
        text: None is no content.
        finish: in Chat Completions' words; Responses has others for the same.
        tool: the name of a tool that it calls instead.
        is_there: whether there is anything at all.
        model: another one than was asked for; empty is the one that was.
        has_usage: whether tokens are counted.
    """

    text: str | None
    finish: str = "stop"
    refusal: str | None = None
    tool: str = ""
    is_there: bool = True
    model: str = ""
    has_usage: bool = True


def within_budget(said: Said, budget: int | None) -> Said:
    """Return what is said before the budget is spent."""
    if budget is None or said.text is None or tokens(said.text) <= budget:
        return said
    return Said(text=said.text[: budget * _PER_TOKEN], finish="length")


def tokens(text: str) -> int:
    """Return about how many tokens a text has."""
    return len(text) // _PER_TOKEN + 1


def wrapped(asked: Asked, said: Said) -> dict[str, Any]:
    """Return an answer's JSON."""
    return _response(asked, said) if asked.is_responses else _completion(asked, said)


def _completion(asked: Asked, said: Said) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": said.text, "refusal": said.refusal}
    if said.tool:
        function = {"name": said.tool, "arguments": "{}"}
        message["tool_calls"] = [{"id": _id("call"), "type": "function", "function": function}]
    choice = {"index": 0, "message": message, "finish_reason": said.finish}
    spent, made = tokens(asked.words), tokens(said.text or "")
    usage = {
        "prompt_tokens": spent,
        "completion_tokens": made,
        "total_tokens": spent + made + _REASONING_TOKENS,
        "prompt_tokens_details": {"text_tokens": spent, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": _REASONING_TOKENS,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
        "num_sources_used": 0,
        "cost_in_usd_ticks": (spent + made) * _TICKS,
    }
    return {
        "id": _id("chatcmpl"),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": said.model or asked.model,
        "system_fingerprint": "fp_standin",
        "choices": [choice] if said.is_there else [],
        **({"usage": usage} if said.has_usage else {}),
    }


def _response(asked: Asked, said: Said) -> dict[str, Any]:
    now = int(time.time())
    cut = said.finish == "length"
    return {
        "id": _id("resp"),
        "object": "response",
        "created_at": now,
        "completed_at": now,
        "model": said.model or asked.model,
        "status": "incomplete" if cut else "completed" if said.finish in {"stop", "tool_calls"} else said.finish,
        "output": _output(said) if said.is_there else [],
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "store": asked.store,
        "previous_response_id": None,
        **({"usage": _usage(asked, said)} if said.has_usage else {}),
    }


def _output(said: Said) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = [{"type": "reasoning", "id": _id("rs"), "summary": [], "status": "completed"}]
    if said.tool:
        call = {"type": "function_call", "id": _id("fc"), "call_id": _id("call"), "name": said.tool, "arguments": "{}"}
        return [*items, {**call, "status": "completed"}]
    content: list[dict[str, Any]] = []
    if said.refusal is not None:
        content = [{"type": "refusal", "refusal": said.refusal}]
    elif said.text is not None:
        content = [{"type": "output_text", "text": said.text, "annotations": [], "logprobs": []}]
    status = "incomplete" if said.finish == "length" else "completed"
    return [*items, {"type": "message", "id": _id("msg"), "role": "assistant", "status": status, "content": content}]


def _usage(asked: Asked, said: Said) -> dict[str, Any]:
    spent, made = tokens(asked.words), tokens(said.text or "")
    return {
        "input_tokens": spent,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": made + _REASONING_TOKENS,
        "output_tokens_details": {"reasoning_tokens": _REASONING_TOKENS},
        "total_tokens": spent + made + _REASONING_TOKENS,
        "num_sources_used": 0,
        "num_server_side_tools_used": 0,
        "cost_in_usd_ticks": (spent + made) * _TICKS,
    }


def _id(kind: str) -> str:
    return f"{kind}_{uuid.uuid4().hex}"
