"""A very small service for the stack to run: it answers what the contract asks for, and keeps thoughts in Redis."""

import json
import os
import uuid
from pathlib import Path

import psycopg
import redis.asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

COMMIT = json.loads(Path("build.json").read_text(encoding="utf-8"))["commit"]
STORE = redis.asyncio.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)


async def ready(_: Request) -> JSONResponse:
    """Say whether the database answers."""
    try:
        connection = await psycopg.AsyncConnection.connect(os.environ["DATABASE_URL"], connect_timeout=20)
        await connection.close()
    except psycopg.OperationalError:
        return JSONResponse({"status": "not_ready", "commit": COMMIT}, 503)
    return JSONResponse({"status": "ready", "commit": COMMIT, "source_commit": os.environ["SOURCE_COMMIT"]})


async def workers(_: Request) -> JSONResponse:
    """List the workers that beat."""
    rows = await STORE.hgetall("workers")
    return JSONResponse({"workers": [json.loads(row) for row in rows.values()]})


async def capture(request: Request) -> JSONResponse:
    """Keep a thought."""
    if not await STORE.sismember("tokens", request.headers.get("authorization", "")):
        return JSONResponse({}, 401)
    thought = str(uuid.uuid4())
    await STORE.set(f"thought:{thought}", (await request.json())["text"])
    return JSONResponse({"thought_id": thought}, 201)


async def thought(request: Request) -> JSONResponse:
    """Return a thought."""
    text = await STORE.get(f"thought:{request.path_params['id']}")
    return JSONResponse({"text": text}) if text else JSONResponse({}, 404)


app = Starlette(
    routes=[
        Route("/health/ready", ready),
        Route("/health/workers", workers),
        Route("/v1/capture/thought", capture, methods=["POST"]),
        Route("/v1/thoughts/{id}", thought),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False, log_level="warning")
