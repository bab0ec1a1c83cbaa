"""Text that every database takes."""


def clean(text: str) -> str:
    """Without what databases refuse: null bytes, and halves of characters."""
    return text.replace("\x00", "").encode(errors="replace").decode()
