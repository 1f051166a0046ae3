"""Who makes an environment's secrets, and where its operator keeps them."""

from gonogo import telegram as telegram_room
from gonogo.adapters.clock import SystemClock
from gonogo.adapters.issuing import Issuer, NamedIssuers
from gonogo.adapters.issuing.cache import RedisLogin
from gonogo.adapters.issuing.clients import ApiTokens, WebhookSecret
from gonogo.adapters.issuing.database import DatabaseLogins
from gonogo.adapters.issuing.providers import TodoistToken, XaiKey
from gonogo.adapters.safe import OwnValues, env_file
from gonogo.adapters.telegram import HttpWebhook, TelegramApi
from gonogo.adapters.tokens import CommandTokens
from gonogo.bootstrap import logs, trees
from gonogo.bootstrap.reaching import reached
from gonogo.errors import UsageError
from gonogo.model import Config, WebhookWish
from gonogo.protocols import Issuers, Tokens


def tokens(config: Config) -> Tokens:
    """Return an environment's API tokens; the service's own command is run from the commit that is checked out.

    Raises:
        UsageError: the project names no such command.
    """
    if not config.commands.tokens:
        raise UsageError("no-token-command", "this project names no command for tokens", hint="set commands.tokens")
    checkout = trees.checkouts(config).provide(trees.repository(config).resolve("HEAD"))
    command = config.commands.tokens
    return reached(
        config.target, "tokens", lambda at: CommandTokens(command, checkout=checkout, database_url=at.database_url)
    )


def telegram(config: Config) -> telegram_room.Line:
    """Return what stands between Telegram and an environment; nothing is contacted yet.

    Raises:
        ConfigurationError: something is missing, all of it at once.
    """
    hook, bot = telegram_room.demand(config)
    timeout_s = config.target.limits.probe_timeout_s
    door = HttpWebhook(config.target.api_url, hook.path, timeout_s=timeout_s)
    logs.log_to(config.state, config.target)
    return telegram_room.Line(
        api=TelegramApi(bot.url, bot.token, timeout_s=timeout_s),
        door=door,
        clock=SystemClock(),
        wish=WebhookWish(url=door.url, secret=bot.webhook_secrets[0].reveal(), allowed_updates=hook.allowed_updates),
        accepted=tuple(each.reveal() for each in bot.webhook_secrets),
        bot=bot.bot,
    )


def issuers(config: Config) -> Issuers:
    """Return who makes each secret of an environment."""
    target = config.target
    return NamedIssuers(
        {
            "api-tokens": lambda: _token_issuer(config),
            "database": lambda: reached(target, "issuers", lambda at: DatabaseLogins(at.database_url)),
            "redis": lambda: reached(target, "issuers", lambda at: RedisLogin(at.redis_url)),
            "telegram-webhook": lambda: WebhookSecret(telegram(config)),
            "todoist-token": lambda: _provider_issuer(config, "todoist-token"),
            "xai-key": lambda: _provider_issuer(config, "xai-key"),
        }
    )


def _token_issuer(config: Config) -> Issuer:
    """Return who makes API tokens."""
    timeout_s = config.target.limits.probe_timeout_s
    return ApiTokens(tokens(config), url=config.target.api_url, path=config.service.secrets or "/", timeout_s=timeout_s)


def _provider_issuer(config: Config, name: str) -> Issuer:
    """Return who makes a provider's key.

    Raises:
        UsageError: nobody said where the provider is.
    """
    found, timeout_s = config.target.providers, config.target.limits.probe_timeout_s
    if found is None:
        raise UsageError("no-provider", f"nobody said where the provider of {name} is")
    if name == "todoist-token":
        return TodoistToken(url=found.todoist_url, timeout_s=timeout_s)
    return XaiKey(
        url=found.xai_url,
        management_url=found.xai_management_url,
        management_key=found.xai_management_key,
        timeout_s=timeout_s,
    )


def own_values(config: Config) -> OwnValues:
    """Return where an environment's own values are kept."""
    return env_file(config.root / config.target.env_file if config.target.env_file else None)
