"""The Telegram stand-in does what the Bot API documents, and what its server's source shows."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.local.providers import asking
from tests.local.providers.asking import Receiver, arrange, look, receiving, until

TOKEN = "1000001:standin-bot-token"


class Api:
    """The Bot API, as a bot asks it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def answer(self, method: str, **given: Any) -> httpx.Response:
        """Return the answer of a method."""
        return asking.send("POST", f"{self.url}/bot{TOKEN}/{method}", json=given)

    def call(self, method: str, **given: Any) -> dict[str, Any]:
        """Return the answer's JSON."""
        return dict(self.answer(method, **given).json())

    def hook(self, **given: Any) -> dict[str, Any]:
        """Set the webhook without waiting between two calls."""
        arrange(self.url, "settings", webhook_pause_s=0)
        return self.call("setWebhook", **given)

    def info(self) -> dict[str, Any]:
        """Return what is known about the webhook."""
        return dict(self.call("getWebhookInfo")["result"])


@pytest.fixture
def api(telegram_url: str) -> Api:
    """Return the Bot API; retries do not take long."""
    arrange(telegram_url, "settings", time_scale=0.001)
    return Api(telegram_url)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a webhook's receiver."""
    with receiving() as found:
        yield found


def test_a_bot_is_who_its_token_says(api: Api) -> None:
    """The number before the colon is its id."""
    me = api.call("getMe")

    assert (me["ok"], me["result"]["id"], me["result"]["is_bot"]) == (True, 1000001, True)


@pytest.mark.parametrize(
    ("token", "said"), [("nonsense", "Unauthorized: invalid token specified"), (TOKEN, "Unauthorized")]
)
def test_a_wrong_token_is_401(api: Api, token: str, said: str) -> None:
    """Malformed and revoked ones differ in words only."""
    arrange(api.url, "revoke", token=TOKEN)

    answer = asking.send("GET", f"{api.url}/bot{token}/getMe")

    assert answer.status_code == 401
    assert answer.json() == {"ok": False, "error_code": 401, "description": said}


def test_a_method_that_there_is_not_is_404(api: Api) -> None:
    """In Telegram's form, as any error."""
    assert (api.call("sendNothing")["ok"], api.call("sendNothing")["error_code"]) == (False, 404)


def test_the_same_webhook_again_is_said_to_be_set(api: Api, receiver: Receiver) -> None:
    """It is safe on every deploy."""
    first = api.hook(url=receiver.url, secret_token="s")
    again = api.hook(url=receiver.url, secret_token="s")

    assert [first["description"], again["description"]] == ["Webhook was set", "Webhook is already set"]


def test_an_omitted_secret_is_cleared(api: Api, receiver: Receiver) -> None:
    """The call puts the whole configuration."""
    api.hook(url=receiver.url, secret_token="s")
    api.hook(url=receiver.url)

    arrange(api.url, "updates", chat_id=7, text="hello")

    assert receiver.came[0][0] is None


def test_omitted_kinds_stay_and_omitted_connections_do_not(api: Api, receiver: Receiver) -> None:
    """allowed_updates is kept, max_connections goes back to 40."""
    api.hook(url=receiver.url, allowed_updates=["message"], max_connections=5)
    api.hook(url=receiver.url, secret_token="s")

    info = api.info()

    assert (info["allowed_updates"], info["max_connections"]) == (["message"], 40)


@pytest.mark.parametrize(
    ("secret", "said"),
    [("x" * 257, "secret token is too long"), ("a b", "secret token contains unallowed characters")],
)
def test_a_wrong_secret_is_refused(api: Api, secret: str, said: str) -> None:
    """1 to 256 of a few characters."""
    assert api.hook(url="https://example.org/", secret_token=secret)["description"] == f"Bad Request: {said}"


@pytest.mark.parametrize("url", ["http://example.org/", "https://example.org:8000/", "ftp://127.0.0.1/"])
def test_an_address_that_telegram_does_not_take(api: Api, url: str) -> None:
    """HTTPS on four ports; plain HTTP on loopback only."""
    assert api.hook(url=url)["description"].startswith("Bad Request: bad webhook: ")


def test_two_calls_in_a_second_are_too_many(api: Api) -> None:
    """The second one is told to wait a second."""
    api.call("setWebhook", url="https://example.org/")
    second = api.answer("setWebhook", url="https://example.org/")

    assert (second.status_code, second.json()["parameters"]) == (429, {"retry_after": 1})


def test_an_update_arrives_with_the_secret(api: Api, receiver: Receiver) -> None:
    """As a message in a private chat, numbered upwards."""
    api.hook(url=receiver.url, secret_token="s3cret")

    arrange(api.url, "updates", chat_id=7, text="/start abc")
    arrange(api.url, "updates", chat_id=7, text="more")

    (secret, first), (_, second) = receiver.came
    assert (secret, first["message"]["text"], first["message"]["chat"]["type"]) == ("s3cret", "/start abc", "private")
    assert second["update_id"] > first["update_id"]
    assert api.info()["pending_update_count"] == 0


def test_a_refused_update_comes_again(api: Api, receiver: Receiver) -> None:
    """Until it is taken; the last error stays written down."""
    api.hook(url=receiver.url)
    receiver.answers = [(500, b""), (401, b"")]

    arrange(api.url, "updates", chat_id=7, text="hello")

    until(lambda: len(receiver.came) == 3)
    until(lambda: api.info()["pending_update_count"] == 0)
    assert {update["update_id"] for _, update in receiver.came} == {receiver.came[0][1]["update_id"]}
    assert api.info()["last_error_message"] == "Wrong response from the webhook: 401 Unauthorized"


def test_one_refused_update_holds_its_chat_only(api: Api, receiver: Receiver) -> None:
    """What comes after it in the chat waits, other chats do not."""
    arrange(api.url, "settings", time_scale=1)
    api.hook(url=receiver.url)
    receiver.answers = [(500, b"")] * 2
    arrange(api.url, "updates", chat_id=7, text="bad")
    until(lambda: len(receiver.came) == 2)

    arrange(api.url, "updates", chat_id=7, text="held", wait=False)
    arrange(api.url, "updates", chat_id=8, text="free")

    assert [update["message"]["text"] for _, update in receiver.came] == ["bad", "bad", "free"]
    assert api.info()["pending_update_count"] == 2


def test_duplicates_on_demand(api: Api, receiver: Receiver) -> None:
    """The same update, as when an answer was lost."""
    api.hook(url=receiver.url)

    done = arrange(api.url, "updates", chat_id=7, text="hello", duplicates=2)

    assert done["outcomes"] == [200, 200, 200]
    assert [update["update_id"] for _, update in receiver.came] == [done["update_id"]] * 3


def test_a_whole_update_goes_as_it_is(api: Api, receiver: Receiver) -> None:
    """With its own number, whatever is in it."""
    api.hook(url=receiver.url)
    update = {"update_id": -5, "message": {"message_id": 1, "text": "x", "chat": {"id": 2**40}, "date": 2_000_000_000}}

    arrange(api.url, "updates", update=update)

    assert receiver.came[0][1] == update


def test_kinds_that_nobody_asked_for_stay_away(api: Api, receiver: Receiver) -> None:
    """allowed_updates is obeyed, and three kinds are not in its default."""
    api.hook(url=receiver.url)
    reaction = arrange(api.url, "updates", update={"message_reaction": {"chat": {"id": 1}}})
    api.hook(url=receiver.url, allowed_updates=["callback_query"])
    words = arrange(api.url, "updates", chat_id=7, text="hello")

    assert (reaction["wanted"], words["wanted"], receiver.came) == (False, False, [])


def test_updates_wait_for_a_webhook(api: Api, receiver: Receiver) -> None:
    """A change of address keeps the queue."""
    api.hook(url="https://example.org/")
    arrange(api.url, "updates", chat_id=7, text="hello")
    assert api.info()["pending_update_count"] == 1

    api.hook(url=receiver.url)

    until(lambda: len(receiver.came) == 1)
    assert "last_error_message" not in api.info()


def test_the_queue_can_be_dropped(api: Api, receiver: Receiver) -> None:
    """drop_pending_updates forgets what waits."""
    api.hook(url="https://example.org/")
    arrange(api.url, "updates", chat_id=7, text="hello")

    api.hook(url=receiver.url, drop_pending_updates=True)

    assert api.info()["pending_update_count"] == 0


def test_get_updates_is_refused_beside_a_webhook(api: Api) -> None:
    """409, and without one they can be had."""
    api.hook(url="https://example.org/")
    refused = api.call("getUpdates")
    api.call("deleteWebhook")

    assert (refused["error_code"], api.call("getUpdates")["result"]) == (409, [])


def test_the_answer_to_a_delivery_may_be_a_call(api: Api, receiver: Receiver) -> None:
    """A message is sent; what sets the webhook is not."""
    api.hook(url=receiver.url)
    said = {"method": "sendMessage", "chat_id": 7, "text": "pong"}
    receiver.answers = [(200, json.dumps(said).encode()), (200, b'{"method": "deleteWebhook"}')]

    arrange(api.url, "updates", chat_id=7, text="ping")
    arrange(api.url, "updates", chat_id=7, text="ping")

    assert [each["text"] for each in look(api.url, "messages")["messages"]] == ["pong"]
    assert api.info()["url"] == receiver.url


def test_messages_are_kept(api: Api) -> None:
    """By chat, oldest first."""
    sent = api.call("sendMessage", chat_id=7, text="one")["result"]
    api.call("sendMessage", chat_id=8, text="two")

    (kept,) = look(api.url, "messages", chat_id="7")["messages"]
    assert (kept["message_id"], kept["chat_id"], kept["text"]) == (sent["message_id"], 7, "one")


@pytest.mark.parametrize(
    ("text", "mode", "is_sent"),
    [
        ("x" * 4096, "", True),
        ("x" * 4097, "", False),
        ("\N{GRINNING FACE}" * 2048, "", True),
        ("\N{GRINNING FACE}" * 2049, "", False),
        ("<b>" + "x" * 4096 + "</b>", "HTML", True),
        ("", "", False),
        ("   ", "", False),
    ],
)
def test_a_text_has_a_length(api: Api, text: str, mode: str, *, is_sent: bool) -> None:
    """Up to 4096 UTF-16 units, after its entities are parsed."""
    assert api.call("sendMessage", chat_id=7, text=text, parse_mode=mode)["ok"] is is_sent


@pytest.mark.parametrize(
    ("mode", "text", "left"),
    [
        ("HTML", "<b>bold</b> &amp; plain", "bold & plain"),
        ("HTML", "<b>open", None),
        ("HTML", "<made-up>x</made-up>", None),
        ("HTML", "1 < 2", None),
        ("MarkdownV2", r"*bold* and 1\.5", "bold and 1.5"),
        ("MarkdownV2", "1.5", None),
        ("MarkdownV2", "*open", None),
        ("MarkdownV2", "[a](http://b.c/)", "a"),
        ("Markdown", "*bold*", "bold"),
        ("Markdown", "snake_case", None),
    ],
)
def test_entities_are_parsed_or_refused(api: Api, mode: str, text: str, left: str | None) -> None:
    """400: can't parse entities."""
    answer = api.call("sendMessage", chat_id=7, text=text, parse_mode=mode)

    assert answer.get("result", {}).get("text") == left
    assert answer["ok"] or answer["description"].startswith("Bad Request: can't parse entities: ")


@pytest.mark.parametrize(
    ("state", "status", "said"),
    [
        ("blocked", 403, "Forbidden: bot was blocked by the user"),
        ("missing", 400, "Bad Request: chat not found"),
        ("migrated", 400, "Bad Request: group chat was upgraded to a supergroup chat"),
    ],
)
def test_a_chat_may_not_take_messages(api: Api, state: str, status: int, said: str) -> None:
    """With Telegram's words for it."""
    arrange(api.url, "chats", token=TOKEN, chat_id=7, state=state)

    answer = api.answer("sendMessage", chat_id=7, text="hello")

    assert (answer.status_code, answer.json()["description"]) == (status, said)


def test_a_flood_is_stopped_for_its_chat(api: Api) -> None:
    """A burst passes; then 429 says how long to wait, and other chats go on."""
    arrange(api.url, "settings", per_chat_burst=2)
    statuses = [api.answer("sendMessage", chat_id=7, text="x").status_code for _ in range(3)]
    other = api.answer("sendMessage", chat_id=8, text="x").status_code

    assert (statuses, other) == ([200, 200, 429], 200)
    assert api.call("sendMessage", chat_id=7, text="x")["parameters"] == {"retry_after": 1}
