"""What stands in an answer with status 200: an envelope, a text in it, a payload in the text.

Source: docs.x.ai, Responses: the text is every `output_text` part of every `message` in `output`. A `status` that is
"incomplete" says in `incomplete_details` why. We give no tools, so any call of one is out of place.
"""

from backend.providers.http import Answer
from backend.providers.llm import strict_json
from backend.providers.llm.errors import ProviderError
from backend.providers.llm.strict_json import UnfinishedError

_CUT_SHORT = frozenset({"max_output_tokens", "length", "max_tokens"})


def envelope_of(answer: Answer) -> dict[str, object]:
    """Return the answer's outermost object.

    Args:
        answer: Its status is 200.

    Raises:
        ProviderError: It is a page, or no JSON object.
    """
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/html":
        raise ProviderError("unavailable")
    envelope = _parsed(answer.content) if kind == "application/json" or kind.endswith("+json") else None
    if not isinstance(envelope, dict):
        raise ProviderError("invalid response")
    return envelope


def payload_of(envelope: dict[str, object]) -> object:
    """Return what the model has said, parsed and not checked.

    Args:
        envelope: The answer's outermost object.

    Raises:
        ProviderError: It failed, refused, called a tool, was cut short, or said nothing or no JSON.
    """
    _raise_if_failed(envelope)
    text = _text_of(envelope)
    if not text.strip():
        raise ProviderError("empty")
    try:
        return strict_json.parse_answer(text.strip())
    except UnfinishedError:
        raise ProviderError("truncated") from None
    except ValueError:
        raise ProviderError("invalid payload") from None


def _parsed(content: bytes) -> object:
    try:
        return strict_json.parse(content.decode("utf-8"))
    except ValueError:
        return None


def _raise_if_failed(envelope: dict[str, object]) -> None:
    if envelope.get("error") is not None or envelope.get("status") in ("failed", "cancelled"):
        raise ProviderError("unavailable")
    details = envelope.get("incomplete_details")
    why = details.get("reason") if isinstance(details, dict) else None
    if isinstance(why, str) and why in _CUT_SHORT:
        raise ProviderError("truncated")
    if why == "content_filter":
        raise ProviderError("refused")
    if envelope.get("status") == "incomplete":
        raise ProviderError("truncated")


def _text_of(envelope: dict[str, object]) -> str:
    items = _objects(envelope.get("output"))
    if any(str(item.get("type")).endswith("_call") for item in items):
        raise ProviderError("unexpected tool")
    messages = [item for item in items if item.get("type") == "message"]
    parts = [part for item in messages for part in _objects(item.get("content"))]
    if any(part.get("type") == "refusal" or part.get("refusal") for part in (*messages, *parts)):
        raise ProviderError("refused")
    texts = [part.get("text") for part in parts if part.get("type") == "output_text"]
    return "".join(_words(each) for each in texts)


def _objects(value: object) -> list[dict[str, object]]:
    # Null is nothing said; anything else that is no list of objects is another protocol.
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        return value
    raise ProviderError("invalid response")


def _words(text: object) -> str:
    if text is None or isinstance(text, str):
        return text or ""
    raise ProviderError("invalid response")
