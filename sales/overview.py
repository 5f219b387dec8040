"""What a manager sees first in the morning."""


def overview(user, today):
    """Tiles, trend, movers and low stock of the default period."""
    return None
