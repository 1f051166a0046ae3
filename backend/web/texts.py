"""Texts that come in: what a database can hold."""


def without_nul(text: str) -> str:
    """Return a text, which holds no U+0000: Postgres cannot hold it.

    Args:
        text: As it was sent.

    Raises:
        ValueError: It holds one.
    """
    if "\x00" in text:
        msg = "must not hold the character U+0000"
        raise ValueError(msg)
    return text
