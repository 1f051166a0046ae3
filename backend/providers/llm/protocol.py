"""What we ask of an assistant, whoever it is."""

from typing import Protocol

from backend.providers.llm.records import ExtractRequest, PlanRequest, QueryRequest


class Adapter(Protocol):
    """Somebody who extracts, plans and answers.

    What they return is untrusted: any object at all. `boundary` makes a record of it, or nothing. They may raise
    `ProviderError`, with the reason; anything else that they raise counts as a defect of theirs.
    """

    async def extract_structured_updates(self, request: ExtractRequest) -> object:
        """Return what a thought holds, in the form of ExtractedUpdates.

        Args:
            request: The thought.
        """

    async def rewrite_plan(self, request: PlanRequest) -> object:
        """Return a day, in the form of PlanDraft.

        Args:
            request: What is open.
        """

    async def answer_query(self, request: QueryRequest) -> object:
        """Return an answer, in the form of AnswerDraft.

        Args:
            request: The question, and what was found for it.
        """
