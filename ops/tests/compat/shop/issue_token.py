"""Print a new API token."""

import os
import secrets
import sys

import psycopg

token = secrets.token_urlsafe(16)
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    connection.execute("INSERT INTO tokens (token) VALUES (%s)", (token,))
sys.stdout.write(token + "\n")
