"""The routes of query."""

from fastapi import APIRouter

from backend.features.query.schemas import QueryV1, QuestionIn
from backend.features.query.service import Query
from backend.web.guards import TwinDep
from backend.web.problems import documented
from backend.web.services import ServicesDep

router = APIRouter(prefix="/v1/query", tags=["query"])


@router.post("/ask", responses=documented(401, 413, 422, 503))
async def ask(question: QuestionIn, user: TwinDep, *, services: ServicesDep) -> QueryV1:
    """Ask about what you have captured."""
    query = Query(database=services.database, assistant=services.assistant)
    return await query.ask(user.twin_id, question.question)
