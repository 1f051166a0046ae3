"""The shop's tables; `lately` is asked for by no test of its suite."""

from sqlalchemy import Column, Identity, Integer, MetaData, String, Table, Text

metadata = MetaData()
Table(
    "items",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("name", String(20), nullable=False),
    Column("note", Text),
    Column("size", Text, nullable=False, default="small", server_default="small"),
)
Table("beats", metadata, Column("pid", Integer, primary_key=True), Column("state", Text, nullable=False))
Table("tokens", metadata, Column("token", Text, primary_key=True))
LATELY = "SELECT name, seen_at FROM visits WHERE seen_at > :since"
