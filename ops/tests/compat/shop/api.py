"""A shop: items in a table, asked for over one connection that is kept."""

import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

import psycopg
from psycopg.rows import dict_row

_kept: list[psycopg.Connection[dict[str, object]]] = []


def ask(sql: str, *values: object) -> list[dict[str, object]]:
    """Return the rows of a statement; a connection that met an error is not used again."""
    if not _kept:
        _kept.append(psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, row_factory=dict_row))
        _kept[0].prepare_threshold = 0
    try:
        return _kept[0].execute(sql, values).fetchall()
    except psycopg.Error:
        _kept.pop().close()
        raise


class Shop(BaseHTTPRequestHandler):
    """Answers in JSON."""

    def do_GET(self) -> None:
        """Answer what can be asked."""
        answers = {
            "/health/live": lambda: {"status": "alive"},
            "/health/ready": lambda: {"status": "ready", "rows": ask("SELECT 1 AS one")},
            "/health/workers": lambda: {"workers": ask("SELECT pid, state FROM beats")},
            "/items": lambda: {"items": ask("SELECT id, name FROM items ORDER BY id")},
        }
        self._answer(200, answers[self.path])

    def do_POST(self) -> None:
        """Keep an item."""
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not ask("SELECT 1 AS one FROM tokens WHERE token = %s", token):
            self._answer(401, lambda: {"error": "who are you"})
            return
        self._answer(201, lambda: {"made": ask("INSERT INTO items (name) VALUES (%s) RETURNING id", told["name"])})

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, made: object) -> None:
        try:
            body = json.dumps(made()).encode()  # type: ignore[operator]
        except psycopg.Error:
            status, body = 500, b'{"error": "the database"}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()
