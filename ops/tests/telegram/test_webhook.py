"""The webhook is set only where it can work, and believed only when it was seen to."""

import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest

from gonogo import telegram
from gonogo.adapters.http import Answer
from gonogo.adapters.telegram import HttpWebhook, TelegramApi
from gonogo.errors import GonogoError, NoGoError, RefusedError, UnreachableError
from gonogo.model import Secret, Sight
from gonogo.telegram import Line
from tests.telegram.conftest import PATH, SECRET, TOKEN, Service

Tell = Callable[..., Answer]


def bad(sights: tuple[Sight, ...]) -> dict[str, str]:
    """Return what is not well."""
    return {each.part: each.says for each in sights if not each.is_well}


class TestBefore:
    """What must be well first."""

    def test_all_is_well(self, line: Line, service: Service) -> None:
        """The right bot, and a service that takes each of our secrets and nothing else; it is only tested."""
        seen = telegram.before(line)

        assert [each.part for each in seen] == ["bot", "no secret", "wrong secret", "secret 1", "secret 2"]
        assert bad(seen) == {}
        assert service.got == [{"update_id": -1}] * 2

    def test_another_bot(self, line: Line) -> None:
        """The token of staging in production is seen before anything is set."""
        seen = telegram.before(replace(line, bot="the_real_bot"))

        assert bad(seen) == {"bot": "@standin_4711_bot, number 4711; expected @the_real_bot"}

    @pytest.mark.parametrize(
        ("secrets", "parts"),
        [
            (set(), {"no secret", "wrong secret", "secret 1", "secret 2"}),
            ({SECRET}, {"secret 2"}),
        ],
        ids=["no bot", "old one gone"],
    )
    def test_a_service_that_does_not_know_our_secrets(
        self, line: Line, service: Service, secrets: set[str], parts: set[str]
    ) -> None:
        """Telegram would hold messages back, so that nothing is set."""
        service.secrets = secrets
        seen = telegram.before(line)

        assert bad(seen).keys() == parts
        with pytest.raises(NoGoError) as refused:
            telegram.refuse_unready(seen)
        assert SECRET not in f"{refused.value.message} {refused.value.hint}"

    def test_a_service_that_takes_anything(self, line: Line, service: Service) -> None:
        """An open door is found."""
        service.is_open = True

        assert bad(telegram.before(line)).keys() == {"no secret", "wrong secret"}

    def test_nobody_there(self, line: Line) -> None:
        """Each part is still asked."""
        nowhere = HttpWebhook("http://127.0.0.1:1", PATH, timeout_s=1)

        assert len(bad(telegram.before(replace(line, door=nowhere)))) == 4


class TestPut:
    """Set, and seen to work."""

    def test_sets_the_whole_webhook_and_proves_it(self, line: Line, service: Service, standin: Tell) -> None:
        """What waits is delivered, with the secret."""
        standin("POST", "bots", token=TOKEN)
        standin("POST", "updates", token=TOKEN, chat_id=7, text="hi", wait=False)

        seen = telegram.put(line)

        assert bad(seen) == {}
        assert {each.part: each.says for each in seen}["queue"] == "0 waiting"
        assert [update["message"]["text"] for update in service.got if update["update_id"] > 0] == ["hi"]
        (sent,) = standin("GET", "requests?path=setWebhook").body["requests"]
        assert sent["body"] == {
            "url": f"{service.url}{PATH}",
            "secret_token": SECRET,
            "allowed_updates": ["message"],
            "max_connections": 40,
            "drop_pending_updates": False,
        }

    def test_twice_is_harmless(self, line: Line) -> None:
        """The same again, on every release."""
        telegram.put(line)

        assert bad(telegram.put(line)) == {}

    def test_deliveries_that_fail_are_seen(self, line: Line, service: Service, standin: Tell) -> None:
        """An error that is younger than the call is a failure."""
        standin("POST", "bots", token=TOKEN)
        standin("POST", "updates", token=TOKEN, chat_id=7, text="hi", wait=False)
        service.status = 500

        seen = bad(telegram.put(line))

        assert "Wrong response from the webhook: 500" in seen["errors"]
        assert seen.keys() >= {"errors", "secret 1"}


class TestAfter:
    """A look changes nothing."""

    def test_not_set(self, line: Line, standin: Tell) -> None:
        """No webhook, and no kinds of ours."""
        seen = bad(telegram.after(line))

        assert seen.keys() == {"address", "updates"}
        assert standin("GET", "requests?path=setWebhook").body["count"] == 0

    def test_set_elsewhere(self, line: Line) -> None:
        """Another address is named."""
        telegram.put(line)
        elsewhere = replace(line, wish=replace(line.wish, url="https://elsewhere.example"))

        assert bad(telegram.after(elsewhere)) == {"address": f"{line.wish.url}; expected https://elsewhere.example"}

    def test_telegram_does_not_answer(self, line: Line) -> None:
        """It is said, not raised."""
        nowhere = TelegramApi("http://127.0.0.1:1", Secret("T", TOKEN), timeout_s=1)

        assert bad(telegram.after(replace(line, api=nowhere))).keys() == {"webhook"}


class TestToken:
    """The token is in each address, and in no message."""

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ({"name": "unauthorized"}, RefusedError),
            ({"name": "server-error"}, RefusedError),
            ({"name": "html"}, RefusedError),
            ({"name": "drop"}, UnreachableError),
            ({"name": "body", "body": f'{{"ok": false, "description": "bot{TOKEN} not found"}}'}, RefusedError),
        ],
        ids=["unauthorized", "server error", "html", "drop", "echo"],
    )
    def test_is_never_shown(
        self,
        line: Line,
        standin: Tell,
        fault: dict[str, object],
        error: type[GonogoError],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Neither in the form nor in its trace, nor in a log of ours."""
        standin("POST", "faults", **fault)

        with pytest.raises(error) as caught:
            line.api.me()

        form = caught.value
        shown = f"{form.message} {form.where} {form.why} {form.hint}" + "".join(traceback.format_exception(form))
        assert TOKEN not in shown
        assert TOKEN not in "".join(each.getMessage() for each in caplog.records if each.name.startswith("gonogo"))
