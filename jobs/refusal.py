"""How a write says no: in one sentence that a person can act on."""


class Refused(Exception):  # noqa: N818  not a mistake of the program but an answer
    """A write that the rules do not allow now; its text is the sentence to show."""
