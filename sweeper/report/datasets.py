"""Data sets as tables: all named ones, and one in detail."""

from sweeper import data
from sweeper.console import count
from sweeper.data import Description
from sweeper.report.tables import print_line, print_table

#: Maximum number of class names in a cell.
_LISTED = 10


def print_names() -> None:
    """Print the named data sets and whether they are on this machine."""
    print_table(
        ("name", "images", "classes", "size", "local", "content", "origin"),
        (
            (
                item.name,
                f"{item.images:,}" if item.images else "varies",
                str(item.classes) if item.classes else "varies",
                item.size,
                "yes" if item.is_here() else "",
                item.about,
                item.origin,
            )
            for item in data.names()
        ),
        numbers=("images", "classes"),
    )
    print_line("data sets that are not local are downloaded on first use, if there is a network")


def print_description(description: Description) -> None:
    """Print the contents of a data set and how it is split."""
    shape = "×".join(map(str, description.shape))
    facts = [
        ("name", description.name),
        ("content", f"{description.size:,} {description.kind} of {shape}"),
        ("classes", str(len(description.classes))),
        ("groups", "none" if description.groups is None else f"{description.groups:,}"),
        *([("label noise", f"{description.label_noise:g}")] if description.label_noise else []),
        ("split", _sizes(description.split)),
        *(
            (f"not in {part}", _some(absent))
            for part, absent in description.missing.items()
            if absent
        ),
        ("split for retrieval", _folds(description.retrieval)),
        *([("remark", description.remark)] if description.remark else []),
        *(("note", note) for note in description.notes),
        *description.examples.items(),
        ("fingerprint", description.fingerprint),
    ]
    print_table(("", ""), facts)
    print_line()
    print_table(
        ("class", "samples"),
        ((name, f"{number:,}") for name, number in description.classes),
        numbers=("samples",),
    )


def _some(classes: tuple[str, ...]) -> str:
    more = len(classes) - _LISTED
    return ", ".join(classes[:_LISTED]) + (f" and {more:,} more" if more > 0 else "")


def _folds(sizes: dict[str, int] | str) -> str:
    """Write the split of one seed: every seed holds out other classes to choose by."""
    if isinstance(sizes, str):
        return sizes
    of_trained = {name: sizes[name] for name in ("validation", "test") if sizes[name]}
    return (
        f"train {sizes['train']:,} of {count(sizes['classes_trained'], 'class')}"
        + (f", {_sizes(of_trained)} of them" if of_trained else "")
        + f"; of held-out classes validation {sizes['held_out_validation']:,}, others for each "
        f"seed, and test {sizes['held_out_test']:,}"
    )


def _sizes(sizes: dict[str, int] | str) -> str:
    if isinstance(sizes, str):
        return sizes
    return ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in sizes.items())
