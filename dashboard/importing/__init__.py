"""The parts of an import: reading files, mapping columns, reading cells, staging rows. `dashboard/imports.py` puts them together."""


class ImportFailedError(Exception):
    """The file or its map cannot be used at all; the message is one sentence for the person who gave them."""
