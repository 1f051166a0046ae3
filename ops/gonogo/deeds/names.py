"""Names as SQL writes them into names as the catalog has them."""


def relation(name: str) -> str:
    """Return `schema.name` without quotes; what names no schema is in the usual one."""
    parts = [part.removeprefix('"').removesuffix('"').replace('""', '"') for part in name.split(".")]
    return ".".join(parts) if len(parts) > 1 else f"public.{parts[0]}"


def column(name: str) -> str:
    """Return a column's name without quotes."""
    return relation(name).rpartition(".")[2] if name else ""
