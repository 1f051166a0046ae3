"""Secrets that were planted, and texts that only look like some.

No secret stands here whole: each is put together when it is asked for, so that neither this file nor anybody's search
of this repository holds one.
"""

import base64
import random
import string
from collections.abc import Callable

_RANDOM = random.Random(7)
_ALNUM = string.ascii_letters + string.digits


def letters(many: int, among: str = _ALNUM) -> str:
    """Return letters by chance, with a digit and letters of both cases among them where that can be."""
    text = "".join(_RANDOM.choice(among) for _ in range(many - 3))
    return text + "".join(kind for kind in "a9Z" if kind in among).ljust(3, among[0])[:3]


HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits
WORD = _ALNUM + "_-"


def _key_block(kind: str) -> str:
    """Return a private key as a file holds it."""
    lines = [letters(64, _ALNUM + "+/") for _ in range(4)]
    return "\n".join((f"-----BEGIN {kind}PRIVATE KEY-----", *lines, f"-----END {kind}PRIVATE KEY-----"))


def _jwt() -> str:
    """Return a JSON Web Token."""
    parts = ('{"alg":"HS256","typ":"JWT"}', '{"sub":"1234567890","admin":true}')
    head, body = (base64.urlsafe_b64encode(each.encode()).decode().rstrip("=") for each in parts)
    return f"{head}.{body}.{letters(43, WORD)}"


PLANTED: dict[str, Callable[[], str]] = {
    "aws access key": lambda: f'aws_access_key_id = "{"AK" + "IA"}{letters(16, UPPER)}"',
    "aws temporary key": lambda: f"export AWS_ACCESS_KEY_ID={'AS' + 'IA'}{letters(16, UPPER)}",
    "aws secret key": lambda: f"aws_secret_access_key = {letters(40, _ALNUM + '/+')}",
    "github classic": lambda: f"token: {'gh' + 'p_'}{letters(36)}",
    "github oauth": lambda: f"{'gh' + 'o_'}{letters(36)}",
    "github app": lambda: f"GITHUB_TOKEN={'gh' + 's_'}{letters(36)}",
    "github fine-grained": lambda: f"{'github' + '_pat_'}{letters(82, _ALNUM + '_')}",
    "gitlab": lambda: f"url = https://oauth2:{'glp' + 'at-'}{letters(20)}@gitlab.com/a/b.git",
    "xai": lambda: f"XAI_API_KEY={'xa' + 'i-'}{letters(80)}",
    "openai": lambda: f'client = OpenAI(api_key="{"sk" + "-proj-"}{letters(48)}")',
    "anthropic": lambda: f"ANTHROPIC_API_KEY: {'sk' + '-ant-api03-'}{letters(90, WORD)}",
    "telegram bot": lambda: f"TELEGRAM_BOT_TOKEN={letters(10, '123456789')}:{'A' + 'A'}{letters(33, WORD)}",
    "telegram url": lambda: (
        f"https://api.telegram.org/bot{letters(9, '123456789')}:{'A' + 'A'}{letters(33, _ALNUM)}/getMe"
    ),
    "coolify": lambda: f"COOLIFY_TOKEN=12{'|'}{letters(48)}",
    "coolify in a header": lambda: f'curl -H "Authorization: Bearer 3{"|"}{letters(40)}"',
    "age": lambda: f"{'AGE-SECRET' + '-KEY-1'}{letters(58, 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L')}",
    "rsa key": lambda: _key_block("RSA "),
    "openssh key": lambda: _key_block("OPENSSH "),
    "pkcs8 key": lambda: _key_block(""),
    "ec key": lambda: _key_block("EC "),
    "key in a variable": lambda: f'KEY="{_key_block("").replace(chr(10), chr(92) + "n")}"',
    "postgres url": lambda: f"DATABASE_URL=postgresql://app:{letters(24)}@db.internal:5432/app",
    "asyncpg url": lambda: f'url = "postgresql+asyncpg://app:{letters(20)}@10.0.0.5/app"',
    "redis url": lambda: f"REDIS_URL=redis://:{letters(32)}@redis:6379/0",
    "amqp url": lambda: f"broker: amqp://worker:{letters(18)}@mq.example.net:5672/",
    "mongo url": lambda: f"mongodb+srv://svc:{letters(22)}@cluster0.abcd.mongodb.net/db",
    "smtp url": lambda: f"smtp://mailer:{letters(16)}@smtp.example.net:587",
    "quoted password": lambda: f"postgresql://app:{letters(10)}%2F{letters(10)}@db/app",
    "jwt": lambda: f'"access": "{_jwt()}"',
    "stripe": lambda: f"stripe.api_key = '{'sk' + '_live_'}{letters(24)}'",
    "stripe restricted": lambda: f"{'rk' + '_live_'}{letters(24)}",
    "stripe webhook": lambda: f"STRIPE_WEBHOOK_SECRET={'wh' + 'sec_'}{letters(32)}",
    "google": lambda: f"key={'AI' + 'za'}{letters(35, _ALNUM)}",
    "slack bot": lambda: f"{'xo' + 'xb-'}123456789012-123456789012-{letters(24, 'abcdefghij0123456789')}",
    "slack webhook": lambda: (
        f"https://hooks.slack.com/{'ser' + 'vices'}/T{letters(8, UPPER)}/B{letters(8, UPPER)}/{letters(24)}"
    ),
    "sendgrid": lambda: f"{'S' + 'G.'}{letters(22)}.{letters(43)}",
    "npm": lambda: f"//packages.example.org/:_authToken={'np' + 'm_'}{letters(36)}",
    "pypi": lambda: f"password = {'pypi' + '-AgEIcHlwaS5vcmc'}{letters(90)}",
    "azure": lambda: f"AccountName=x;AccountKey={letters(86, _ALNUM + '+/')}==;Suffix=core.windows.net",
    "mailchimp": lambda: f'mailchimp = "{letters(32, "0123456789abcdef")}{"-u" + "s12"}"',
    "todoist": lambda: f"TODOIST_API_TOKEN={letters(40, HEX)}",
    "generic hex": lambda: f'SECRET_KEY = "{letters(64, HEX)}"',
    "generic base64": lambda: f"SECRET_KEY: {letters(43, _ALNUM + '+/')}=",
    "generic urlsafe": lambda: f"TELEGRAM_WEBHOOK_SECRETS={letters(43, WORD)}",
    "generic json": lambda: f'{{"client_secret": "{letters(40, WORD)}"}}',
    "generic yaml": lambda: f"  db_password: '{letters(28)}'",
    "generic call": lambda: f'connect(password="{letters(30)}")',
    "basic header": lambda: f"api_token = '{letters(32)}'  # for the importer",
}

HARMLESS = {
    "git commit": f"commit {letters(40, HEX)}",
    "sha256 in a lock": f'{{ url = "https://files.example.org/a.whl", hash = "sha256:{letters(64, HEX)}", size = 12 }}',
    "integrity": f'"integrity": "sha512-{letters(86)}=="',
    "uuid": 'request_id = "6f1c2a34-9b1e-4c55-8a1e-0d5b7a9c4e21"',
    "token uuid": 'token_id: "6f1c2a34-9b1e-4c55-8a1e-0d5b7a9c4e21"',
    "public ssh key": f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{letters(43)} ada@host",
    "public key": f"-----BEGIN PUBLIC KEY-----\n{letters(64)}\n-----END PUBLIC KEY-----",
    "certificate": f"-----BEGIN CERTIFICATE-----\n{letters(64)}\n-----END CERTIFICATE-----",
    "age recipient": f"recipient: age1{letters(58, 'qpzry9x8gf2tvdw0s3jn54khce6mua7l')}",
    "header of a key": 'if "-----BEGIN RSA PRIVATE KEY-----" in text:',
    "example url": "postgresql://<user>:<secret>@<host>:5432/<database>",
    "docs url": "postgresql://user:password@localhost/app",
    "docs url 2": "redis://:secret@h:6379/0",
    "test url": "postgresql://u:database-secret@h/d",
    "template url": 'f"postgresql://{user}:{password}@{host}/db"',
    "shell url": "postgresql://app:$DB_PASSWORD@db/app",
    "starred url": "redis://:***@h",
    "no password": "postgresql://user@/database?host=/run",
    "ssh remote": "git@github.com:owner/repo.git",
    "aws documented": f"{'AK' + 'IA'}IOSFODNN7EXAMPLE",
    "aws documented secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "placeholder": "API_TOKEN=your-token-goes-here-please-do",
    "placeholder x": "XAI_API_KEY=xai-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "angle": "SECRET_KEY=<random>",
    "environment read": 'token = os.environ["COOLIFY_TOKEN_OF_THE_TEAM"]',
    "workflow": "token: ${{ secrets.GITHUB_TOKEN_FOR_RELEASES }}",
    "identifier": "secret_key = settings.secret_key.get_secret_value()",
    "dotted": "token_factory = gonogo.adapters.tokens.CommandTokens",
    "sentence": "the_token = 'this-is-not-a-secret-at-all-really'",
    "test word": 'API_TOKEN = "test-token-for-unit-tests-only"',
    "path": "private_key_file = /etc/ssl/private/server-2026-key.pem",
    "key path": 'KEY_PATH="/run/secrets/database_password_v2"',
    "digest column": f"token_sha256 = '{letters(64, HEX)}'",
    "fingerprint": f"key_fingerprint: SHA256:{letters(43)}",
    "cache key": "CACHE_KEY_PREFIX = 'assistant.v2.jobs.queue.2026'",
    "regex": 'TOKEN_PATTERN = re.compile(r"[A-Za-z0-9_-]{20,200}")',
    "revision": f"revision = '{letters(12, HEX)}'",
    "data url": f"background: url(data:image/png;base64,{letters(120)})",
    "random call": "SECRET_KEY=$(openssl rand -base64 48)",
    "random template": 'TELEGRAM_BOT_TOKEN = "1000001:{random}"',
    "constraint": "password_min_length_of_all_users_2026 = 20",
    "etag": f'etag: "{letters(32, HEX)}"',
    "build id": f"build_id={letters(32, HEX)}",
    "stars": "COOLIFY_TOKEN=************************",
    "repeated": "SECRET_KEY=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1",
    "time": "token_expires_at = '2026-11-21T19:45:28.123456+00:00'",
    "table": "| 12345678 | A long enough row of a table for people to read |",
}


def planted(name: str, variant: int = 0) -> str:
    """Return a planted secret, the same one in each run."""
    _RANDOM.seed(f"{name} {variant}")
    return PLANTED[name]()
