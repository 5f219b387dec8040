"""Values as PostgreSQL's COPY reads them: made once for each different cell, where a driver would make them again for every row."""

NULL = r"\N"
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
IN_ARRAY = str.maketrans({"\\": r"\\", '"': r"\""})


def copy_text(value: str | list[str]) -> str:
    """Write a text, or a list of texts, as one field of COPY's text format."""
    if isinstance(value, list):
        value = "{" + ",".join(f'"{word.translate(IN_ARRAY)}"' for word in value) + "}"
    return value.translate(ESCAPES) if "\\" in value or not value.isprintable() else value
