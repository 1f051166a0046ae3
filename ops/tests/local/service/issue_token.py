"""Print a new API token."""

import os
import secrets
import sys

import redis

token = secrets.token_urlsafe(16)
redis.Redis.from_url(os.environ["REDIS_URL"]).sadd("tokens", f"Bearer {token}")
sys.stdout.write(token + "\n")
