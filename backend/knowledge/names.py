"""Names of projects and people: when two of them are the same."""

import unicodedata

# One letter may become many: a longer key would not fit into an index.
_KEY_MAX = 500


def key_of(name: str) -> str:
    """Return what two spellings of one name share: no case, single blanks, one form of each letter.

    Args:
        name: As somebody wrote it.
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[:_KEY_MAX]
