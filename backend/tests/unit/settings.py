"""Settings for tests that connect to nothing."""

from pydantic import SecretStr

from backend.core.environment import Environment

DATABASE_SECRET = "database-secret-0815"
REDIS_SECRET = "redis-secret-4711"


def make_environment() -> Environment:
    """Return valid settings that point nowhere."""
    return Environment(
        environment="development",
        database_url=SecretStr(f"postgresql://app:{DATABASE_SECRET}@127.0.0.1:1/app"),
        redis_url=SecretStr(f"redis://:{REDIS_SECRET}@127.0.0.1:1/0"),
        secret_key=SecretStr("k" * 40),
    )
