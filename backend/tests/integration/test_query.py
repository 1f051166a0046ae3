"""Questions are answered by what their owner has captured, always, and with what the answer rests on."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from backend.db.unit_of_work import Database
from backend.tests.integration.assistants import Scripted, assist
from backend.tests.integration.test_plan import today
from backend.tests.integration.test_tasks import add
from backend.tests.integration.world import Rows, bearer, issue_token

ASK = "/v1/query/ask"


async def ask(client: httpx.AsyncClient, token: str, question: str) -> dict[str, Any]:
    """Ask and return the answer."""
    answer = await client.post(ASK, json={"question": question}, headers=bearer(token))
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def capture(client: httpx.AsyncClient, token: str, text: str) -> str:
    """Capture a thought and return its id."""
    answer = await client.post("/v1/capture/thought", json={"text": text}, headers=bearer(token))
    thought_id: str = answer.json()["thought_id"]
    return thought_id


async def passages(app: FastAPI, client: httpx.AsyncClient, token: str, question: str) -> list[Any]:
    """Return what is found for a question."""
    provider = Scripted(answered={"answer": "yes", "citations": [], "confidence": 0.5})
    assist(app, provider)
    await ask(client, token, question)
    return list(provider.asked[0].passages)


class TestAnswer:
    """POST /v1/query/ask."""

    @pytest.mark.contracts
    async def test_answers_query_v1(self, client: httpx.AsyncClient, token: str) -> None:
        """Without a provider the answer is what was found, and says so."""
        thought_id = await capture(client, token, "The fence needs green paint")

        answer = await ask(client, token, "which paint for the fence?")

        assert (answer["contract"], answer["mode"], answer["source"]) == ("query.v1", "search", "fallback")
        assert "green paint" in answer["answer"]
        assert thought_id in [each["id"] for each in answer["citations"]]
        assert 0 <= answer["confidence"] <= 1

    async def test_provider_answers_from_what_was_found(
        self, app: FastAPI, client: httpx.AsyncClient, token: str
    ) -> None:
        """What it cites is shown with its words, each once."""
        thought_id = await capture(client, token, "The fence needs green paint")
        cited = [UUID(thought_id), UUID(thought_id)]
        assist(app, Scripted(answered={"answer": "Green.", "citations": cited, "confidence": 0.9}))

        answer = await ask(client, token, "fence")

        (citation,) = answer["citations"]
        assert (answer["answer"], answer["mode"], answer["source"], answer["reason"]) == (
            "Green.",
            "provider",
            "provider",
            None,
        )
        assert (citation["id"], citation["kind"], citation["excerpt"]) == (
            thought_id,
            "thought",
            "The fence needs green paint",
        )

    @pytest.mark.parametrize("citations", [[uuid4()], ["x"], None], ids=["unknown", "no id", "none"])
    async def test_what_rests_on_nothing_is_not_used(
        self, app: FastAPI, client: httpx.AsyncClient, token: str, citations: object
    ) -> None:
        """An answer that cites what it was not given is the provider's failure; there is an answer all the same."""
        await capture(client, token, "The fence needs green paint")
        assist(app, Scripted(answered={"answer": "Red.", "citations": citations, "confidence": 0.9}))

        answer = await ask(client, token, "fence")

        assert (answer["source"], answer["reason"]) == ("fallback", "invalid payload")
        assert "green paint" in answer["answer"]

    @pytest.mark.parametrize(
        "question", ["nobody said this", "the of", "-", "?", "\" ' & | ! :* <-> \\ (", "🥛", "or or or", "x" * 2_000]
    )
    async def test_any_question_has_an_answer(self, client: httpx.AsyncClient, token: str, question: str) -> None:
        """Whatever is asked, and whether anything was found or not."""
        await capture(client, token, "The fence needs green paint")

        assert (await ask(client, token, question))["answer"]

    @pytest.mark.parametrize("question", ["", " ", "a\0b", "x" * 2_001, 1, None])
    async def test_refuses_what_is_no_question(self, client: httpx.AsyncClient, token: str, question: object) -> None:
        """An unusable body answers problem details that name the field."""
        answer = await client.post(ASK, json={"question": question}, headers=bearer(token))

        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "question")

    async def test_others_thoughts_are_not_found(
        self, app: FastAPI, client: httpx.AsyncClient, token: str, database: Database
    ) -> None:
        """Nobody's question is answered with what is another's."""
        await capture(client, token, "The fence needs green paint")
        await add(client, token, title="paint the fence", due_on=(await today(client, token))["day"])
        other = await issue_token(database, "eve@example.org")

        assert await passages(app, client, other, "fence due today") == []


class TestSearch:
    """What is found for a question."""

    async def test_every_word_before_some(self, app: FastAPI, client: httpx.AsyncClient, token: str) -> None:
        """What has all the words is found alone; if nothing has, what has some, the more the better."""
        both = await capture(client, token, "Green paint for the fence")
        await capture(client, token, "Paint is dear")

        every = await passages(app, client, token, "painting fences")
        some = await passages(app, client, token, "what did Bob say of fence and paint?")

        assert [str(each.id) for each in every] == [both]
        assert [each.text for each in some] == ["Green paint for the fence", "Paint is dear"]

    async def test_newer_of_equals_first(self, app: FastAPI, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """Of two that fit as well, the newer one is likelier to be meant."""
        old = await capture(client, token, "The fence is red")
        rows.change("UPDATE thoughts SET created_at = now() - interval '90 days'")
        new = await capture(client, token, "The fence is blue")

        assert [str(each.id) for each in await passages(app, client, token, "fence")] == [new, old]

    async def test_much_is_cut(self, app: FastAPI, client: httpx.AsyncClient, token: str) -> None:
        """Of many thoughts some, and of a long one what fits."""
        for number in range(15):
            await capture(client, token, f"{number} " + "sand " * 1_500 + "the fence is here " + "stone " * 1_500)

        found = await passages(app, client, token, "fence")

        assert len(found) == 12
        assert all(len(each.text) <= 1_000 and "fence" in each.text for each in found)

    async def test_due_tasks_are_brought(self, app: FastAPI, client: httpx.AsyncClient, token: str) -> None:
        """A question about a day brings what is open and due then, though no word fits; what is done stays away."""
        day = (await today(client, token))["day"]
        await add(client, token, title="Pay rent", due_on=day)
        await add(client, token, title="Late one", due_on="2020-01-01")
        await add(client, token, title="Far away", due_on="2999-01-01")
        done = await add(client, token, title="Done one", due_on=day)
        await client.post(f"/v1/tasks/{done['id']}/complete", headers=bearer(token))

        found = await passages(app, client, token, "What is up today?")

        assert [each.text for each in found] == ["Late one (due 2020-01-01, overdue)", f"Pay rent (due {day})"]

    async def test_tasks_say_how_they_are(self, app: FastAPI, client: httpx.AsyncClient, token: str) -> None:
        """Done, open, or due, at the owner's time of day; deleted ones are not found."""
        await client.patch("/v1/me", json={"timezone": "Asia/Tokyo"}, headers=bearer(token))
        done = await add(client, token, title="fence one", notes="with Bob")
        await client.post(f"/v1/tasks/{done['id']}/complete", headers=bearer(token))
        await add(client, token, title="fence two", due_at="2999-01-01T01:00:00Z")
        gone = await add(client, token, title="fence three")
        await client.delete(f"/v1/tasks/{gone['id']}", headers=bearer(token))

        found = await passages(app, client, token, "fence")

        assert {each.text for each in found} == {"fence one: with Bob (done)", "fence two (due 2999-01-01 10:00)"}
