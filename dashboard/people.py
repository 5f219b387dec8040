"""How people are called."""


def name_of(user) -> str:
    """The full name of a person, else the name they sign in with."""
    return user.get_full_name() or user.get_username()
