"""From the webhook through the worker to the chat, also when workers are killed on the way."""

from backend.core.environment import Environment
from backend.tests.integration.telegram.talk import Talk, deliver, update_of
from backend.tests.integration.world import Rows, as_variables, ended, eventually, process, working

_KILLED = "backend.tests.integration.telegram.killed_worker"


async def replies(talk: Talk, number: int) -> list[str]:
    """Return what the bot has sent, once it is that many, and nothing more comes."""

    async def are_there() -> list[str]:
        heard = await talk.heard()
        return heard if len(heard) >= number and not set(talk.states()) - {"sent"} else []

    return await eventually(are_there)


async def killed_at(point: str, environment: Environment, rows: Rows) -> None:
    """Run a worker that dies at a point, and wait for its death and the end of its leases."""
    with process("-m", _KILLED, point, variables=as_variables(environment)) as worker:
        code, said = await ended(worker)
    assert code == -9, said
    rows.lapse()


class TestWorker:
    """The whole way."""

    async def test_replies_to_what_telegram_delivers(
        self, talk: Talk, bot_environment: Environment, rows: Rows
    ) -> None:
        """A thought is kept, a question is answered from it, and the jobs are done."""
        await talk.link()

        async with working(bot_environment):
            await deliver(talk.client, update_of("buy milk"))
            await deliver(talk.client, update_of("? milk"))
            heard = await replies(talk, 3)

        assert heard[1].startswith("Noted: buy milk")
        assert "milk" in heard[2]
        assert rows.one("SELECT count(*) FROM thoughts WHERE text = 'buy milk'") == (1,)
        assert rows.one("SELECT count(*) FROM jobs WHERE kind LIKE 'telegram.%%' AND status = 'dead'") == (0,)

    async def test_killed_after_the_capture(self, talk: Talk, bot_environment: Environment, rows: Rows) -> None:
        """Another worker finds the thought by its key: one thought, one reply."""
        await talk.link()
        await deliver(talk.client, update_of("buy milk"))

        await killed_at("capture", bot_environment, rows)
        async with working(bot_environment):
            heard = await replies(talk, 2)

        assert len(heard) == 2
        assert rows.one("SELECT count(*) FROM thoughts WHERE text = 'buy milk'") == (1,)

    async def test_killed_between_sending_and_marking(
        self, talk: Talk, bot_environment: Environment, rows: Rows
    ) -> None:
        """Nobody can tell whether it went out, so that it is sent again; the row stays one."""
        await talk.link()
        await deliver(talk.client, update_of("buy milk"))

        await killed_at("send", bot_environment, rows)
        in_doubt = talk.states()
        async with working(bot_environment):
            heard = await replies(talk, 3)

        assert in_doubt == ["sent", "sending"]
        assert heard[1] == heard[2]
        assert talk.states() == ["sent", "sent"]

    async def test_old_things_are_deleted(self, talk: Talk, bot_environment: Environment, rows: Rows) -> None:
        """Updates, messages and codes are kept as long as jobs are, and not for ever."""
        await talk.link()
        await talk.say("old")
        for change in (
            "UPDATE telegram_updates SET received_at = received_at - interval '15 days'",
            "UPDATE telegram_messages SET created_at = created_at - interval '15 days'",
            "UPDATE telegram_link_codes SET expires_at = expires_at - interval '2 days'",
        ):
            rows.change(change)
        await talk.say("new")
        rows.change(
            "INSERT INTO jobs (kind, idempotency_key, payload)"
            " VALUES ('jobs.retention', 'now', '{\"days\": 14, \"dead_days\": 90}')"
        )

        async def is_over() -> bool:
            return rows.one("SELECT status FROM jobs WHERE idempotency_key = 'now'") == ("done",)

        async with working(bot_environment):
            await eventually(is_over)

        counts = "SELECT (SELECT count(*) FROM telegram_updates), (SELECT count(*) FROM telegram_messages)"
        assert rows.one(counts) == (1, 1)
        assert rows.one("SELECT count(*) FROM telegram_link_codes") == (0,)

    async def test_a_worker_without_a_bot_leaves_its_jobs(
        self, talk: Talk, environment: Environment, bot_environment: Environment
    ) -> None:
        """What it cannot do waits for one that can."""
        await talk.link()
        update = update_of("buy milk")
        await deliver(talk.client, update)

        async with working(environment) as worker:
            assert "telegram.update" not in worker.runner.kinds
        assert talk.outcome(update["update_id"]) is None
        async with working(bot_environment):
            assert len(await replies(talk, 2)) == 2
