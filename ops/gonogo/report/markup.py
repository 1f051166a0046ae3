"""HTML and SVG elements as text. Plain text is escaped on its way in; only `Html` passes as it is.

May not know what is drawn.
"""

from collections.abc import Iterable
from html import escape

from gonogo.report import words


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | float) -> Html:
    """Return an element; `class_` and `stroke_width` become `class` and `stroke-width`."""
    return Html(f"<{name}{_attributes(attributes)}>{join(children)}</{name}>")


def void(name: str, /, **attributes: str | float) -> Html:
    """Return an element that has no end tag."""
    return Html(f"<{name}{_attributes(attributes)}>")


def join(parts: Iterable[str]) -> Html:
    """Return parts one after the other, plain text escaped."""
    return Html("".join(_escaped(part) for part in parts))


def each(name: str, texts: Iterable[str], **attributes: str | float) -> Html:
    """Return one element per text."""
    return join(tag(name, text, **attributes) for text in texts)


def icon(name: str) -> Html:
    """Return one of the marks that the page defines once."""
    return tag("svg", tag("use", href=f"#mark-{name}"), class_=f"mark {name}", viewBox="0 0 12 12", aria_hidden="true")


def _escaped(part: str) -> str:
    """Return markup as it is, and anything else made harmless."""
    return part if isinstance(part, Html) else escape(words.clean(part))


def _attributes(attributes: dict[str, str | float]) -> str:
    """Return attributes in HTML's spelling."""
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(words.clean(_value(value)))}"'
        for name, value in attributes.items()
    )


def _value(value: str | float) -> str:
    """Return a number without needless digits."""
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
