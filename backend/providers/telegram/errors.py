"""What can become of a call to Telegram; nothing here ever holds the bot's token."""


class TelegramError(Exception):
    """A call did not do what it was meant to.

    Attributes:
        reason: What was said, in a few words.
    """

    def __init__(self, reason: str) -> None:
        """Keep why.

        Args:
            reason: In a few words, without a secret.
        """
        super().__init__(reason)
        self.reason = reason


class FloodError(TelegramError):
    """Too much was sent; nothing was done.

    Attributes:
        retry_after_s: Seconds to wait before the next message to this chat.
    """

    def __init__(self, reason: str, *, retry_after_s: int) -> None:
        """Keep why and how long.

        Args:
            reason: In a few words, without a secret.
            retry_after_s: Seconds to wait.
        """
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class BlockedError(TelegramError):
    """The person has blocked the bot, or is gone; nothing may be sent to them."""


class BadRequestError(TelegramError):
    """The call itself is wrong; sending it again changes nothing.

    Attributes:
        is_parse: Whether it is the text's markup that cannot be read.
    """

    def __init__(self, reason: str, *, is_parse: bool) -> None:
        """Keep why.

        Args:
            reason: In a few words, without a secret.
            is_parse: Whether the markup cannot be read.
        """
        super().__init__(reason)
        self.is_parse = is_parse


class TokenRefusedError(TelegramError):
    """Telegram does not know the bot's token."""


class TransientError(TelegramError):
    """It surely was not done; it may be tried again."""


class OutcomeUnknownError(TelegramError):
    """Nobody can tell whether it was done: it went out, and no usable answer came."""
