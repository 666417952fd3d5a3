"""What is trained beside a search to compare with: losses as published, by name."""

_AT = " at lr "


def control_name(loss: str, lr: float | None = None) -> str:
    """Return the name of a control: its loss, and its learning rate where it is not the middle."""
    return loss if lr is None else f"{loss}{_AT}{lr:.3g}"


def control_loss(name: str) -> str:
    """Return the loss of a control by its name."""
    return name.partition(_AT)[0]


def in_words(name: str) -> str:
    """Return a control as a sentence names it: ``plain softmax at lr 0.003``."""
    loss = control_loss(name)
    words = "plain softmax" if loss == "softmax" else f"{loss} with its paper's values"
    return words + name.removeprefix(loss)
