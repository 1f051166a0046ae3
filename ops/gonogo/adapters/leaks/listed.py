"""The forms of providers' tokens that detect-secrets knows, as our patterns.

Only its expressions are used: it never asks a provider whether a token is good, and its lists of keywords and of
entropy are not asked, which tell of more that is none (docs/adr/0029). Heavy to import: only a search brings it in.
"""

import re

from detect_secrets.plugins import (
    azure_storage_key,
    base,
    discord,
    gitlab_token,
    mailchimp,
    npm,
    openai,
    pypi_token,
    sendgrid,
    slack,
    square_oauth,
    twilio,
)

from gonogo.secrecy.patterns import Pattern

# What each one's tokens hold; the shape alone says little where it is left out.
_DETECTORS: tuple[tuple[type[base.RegexBasedDetector], tuple[str, ...], bool], ...] = (
    (azure_storage_key.AzureStorageKeyDetector, ("AccountKey=",), True),
    (discord.DiscordBotTokenDetector, ("M", "N", "O"), False),
    (gitlab_token.GitLabTokenDetector, ("gl", "GR1348941"), True),
    (mailchimp.MailchimpDetector, ("-us",), True),
    (npm.NpmDetector, (":_authToken=",), True),
    (openai.OpenAIDetector, ("T3BlbkFJ",), True),
    (pypi_token.PypiTokenDetector, ("pypi-Ag",), True),
    (sendgrid.SendGridDetector, ("SG.",), True),
    (slack.SlackDetector, ("xox", "hooks.slack.com"), True),
    (square_oauth.SquareOAuthDetector, ("sq0csp-",), True),
    (twilio.TwilioKeyDetector, ("AC", "SK"), False),
)


def patterns() -> tuple[Pattern, ...]:
    """Return the patterns."""
    return tuple(
        Pattern(
            kind=str(detector.secret_type),
            regex=re.compile(rf"(?<![\w/+])({expression.pattern})(?![\w/+])", expression.flags),
            anchors=anchors,
            is_certain=is_certain,
        )
        for detector, anchors, is_certain in _DETECTORS
        for expression in detector.denylist  # type: ignore[attr-defined]  # a property there, a list in each of these
    )
