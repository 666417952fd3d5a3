"""``icons`` with generated themes, and with those installed."""

import io
import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageChops, ImageDraw, ImageEnhance

from sweeper.data import describe, load, names, split
from sweeper.data.builtin.icons.icons import PACKAGES
from sweeper.errors import SweeperError
from sweeper.registry.dataset_info import DatasetInfo

THEMES = ("T1", "T2", "T3", "T4", "T5", "T6")
NAMES = ("edit-copy", "edit-cut", "edit-paste", "folder", "go-down", "go-up")


def drawing(seed: object, side: int = 32, ink: str = "") -> Image.Image:
    """Return a few rectangles on a transparent background, all different."""
    generator = random.Random(repr(seed))
    image = Image.new("RGBA", (side, side))
    for _ in range(4):
        left, top = generator.randrange(side // 2), generator.randrange(side // 2)
        right, bottom = (at + generator.randrange(4, side // 2) for at in (left, top))
        color = ink or tuple(generator.randrange(200) for _ in range(3))
        ImageDraw.Draw(image).rectangle((left, top, right, bottom), fill=color)
    return image


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def svg(body: str, box: str = "0 0 16 16") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{body}</svg>'.encode()


def build(folder: Path, theme: str, icons: dict[str, bytes | str], more: str = "") -> Path:
    """Write a theme: icons by their path in it; a string is the target of a link.

    The first two parts of the path are the folder, whose name begins with the size.
    """
    place = folder / theme
    for name, content in icons.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.symlink_to(content)
    folders = sorted({str(Path(name).parent) for name in icons})
    sections = (f"[{name}]\nSize={name.split('x')[0]}\n{more}\n" for name in folders)
    index = f"[Icon Theme]\nName={theme}\nDirectories={','.join(folders)}\n\n"
    (place / "index.theme").write_text(index + "\n".join(sections))
    return place


def whole(theme: str, known: tuple[str, ...] = NAMES) -> dict[str, bytes | str]:
    """Return a picture for each name."""
    return {f"32x32/actions/{name}.png": png(drawing((theme, name))) for name in known}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The machine's only folder of icon themes, with six themes."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
    monkeypatch.setenv("XDG_DATA_DIRS", f"{tmp_path / 'shared'}:{tmp_path / 'none'}")
    place = tmp_path / "shared" / "icons"
    for theme in THEMES:
        build(place, theme, whole(theme))
    return place


def shown(dataset, theme: str) -> set[str]:
    """Return the classes of which a group has images."""
    labels = dataset.labels[dataset.groups == dataset.group_names.index(theme)]
    return {dataset.class_names[c] for c in labels.tolist()}


def image_of(dataset, theme: str, name: str) -> torch.Tensor:
    """Return the only image of a class in a group."""
    in_group = dataset.groups == dataset.group_names.index(theme)
    (image,) = dataset.inputs[in_group & (dataset.labels == dataset.class_names.index(name))]
    return image


def on_white(image: Image.Image) -> torch.Tensor:
    """Return the expected image, blended by hand."""
    values = np.asarray(image, dtype=np.float64)
    share = values[..., 3:] / 255
    blended = np.rint(values[..., :3] * share + 255 * (1 - share)).astype(np.uint8)
    return torch.from_numpy(blended).permute(2, 0, 1)


def test_a_class_is_a_name_and_a_group_a_theme(folder: Path) -> None:
    dataset = load("icons")
    assert dataset.inputs.shape == (36, 3, 32, 32)
    assert dataset.inputs.dtype == torch.uint8
    assert dataset.class_names == NAMES
    assert dataset.group_names == THEMES
    pairs = set(zip(dataset.groups.tolist(), dataset.labels.tolist(), strict=True))
    assert len(pairs) == 36
    assert (dataset.name, dataset.source, dataset.parts) == ("icons", "icons", None)
    assert dataset.remark == "icons of 6 themes in 6 groups"
    assert describe(dataset).groups == 6
    for theme in THEMES:
        for name in NAMES:
            expected = on_white(drawing((theme, name)))
            assert torch.equal(image_of(dataset, theme, name), expected)


def test_no_theme_is_on_two_sides_of_a_split(folder: Path) -> None:
    dataset = load("icons")
    for seed in range(5):
        result = split(dataset, False, seed)
        sides = [
            set(dataset.groups[part].tolist())
            for part in (result.train, result.validation, result.test)
        ]
        assert all(sides)
        assert sum(map(len, sides)) == len(set.union(*sides)) == 6


def test_the_size_is_that_of_the_file_or_of_the_next_larger_one(folder: Path) -> None:
    half = Image.new("RGBA", (48, 48))
    half.paste("blue", (0, 0, 24, 48))
    small, drawn = drawing("small", 16), drawing("drawn", 32)
    build(folder, "g", whole("g") | {
        "48x48/actions/folder.png": png(drawing("larger", 48)),
        "32x32/actions/folder.png": png(drawn),
        "64x64/actions/folder.png": png(drawing("largest", 64)),
        "16x16/actions/go-up.png": png(small),
    })  # fmt: skip
    build(folder, "h", {"48x48/actions/folder.png": png(half)})
    build(folder, "i", {"16x16/actions/folder.png": png(small)})
    dataset = load("icons")
    assert torch.equal(image_of(dataset, "g", "folder"), on_white(drawn))
    assert torch.equal(image_of(dataset, "g", "go-up"), on_white(drawing(("g", "go-up"))))
    shrunk = image_of(dataset, "h", "folder").float()
    assert torch.equal(
        shrunk[:, :, :15], torch.tensor([0.0, 0, 255])[:, None, None].expand(3, 32, 15)
    )
    assert (shrunk[:, :, 17:] == 255).all()
    assert "i" not in dataset.group_names
    for theme in THEMES[:5]:
        build(folder, theme, {
            f"64x64/actions/{name}.png": png(drawing((theme, name, 64), 64))
            for name in ("folder", "go-up")
        })  # fmt: skip
    large = load("icons[size=64]")
    assert large.inputs.shape[1:] == (3, 64, 64)
    assert large.class_names == ("folder", "go-up")
    assert large.name == "icons[size=64]"


def test_an_svg_is_drawn_in_the_size_and_not_stretched(folder: Path) -> None:
    """A bar, computed by hand."""
    wide = svg('<rect x="4" y="0" width="8" height="4" fill="#0000ff"/>', "0 0 16 8")
    text = svg('<rect width="16" height="8" fill="red"/><text y="16" font-size="16">W</text>')
    build(folder, "g", {
        "16x16/actions/folder.svg": wide,
        "128x128/actions/go-up.svg": text,
    })  # fmt: skip
    dataset = load("icons")
    expected = torch.full((3, 32, 32), 255, dtype=torch.uint8)
    expected[:2, 8:16, 8:24] = 0
    assert torch.equal(image_of(dataset, "g", "folder"), expected)
    image = image_of(dataset, "g", "go-up")
    assert (image[0] == 255).all()
    assert (image[1:, :16] == 0).all()
    assert (image[1:, 16:] == 255).all()  # no text, whatever fonts are installed


def test_invisible_icons_are_skipped(folder: Path) -> None:
    build(folder, "g", whole("g") | {
        "32x32/actions/folder.png": png(drawing(0, ink="white")),
        "32x32/actions/go-up.png": png(drawing(0, ink="#dfdfdf")),
        "32x32/actions/go-down.png": png(Image.new("RGBA", (32, 32))),
    })  # fmt: skip
    assert shown(load("icons"), "g") == {"edit-copy", "edit-cut", "edit-paste"}


def test_names_with_shared_pictures_are_one_class(folder: Path) -> None:
    """Under the name that most themes have, with its picture if a theme has both."""
    for theme in THEMES[:3]:
        build(folder, theme, whole(theme) | {"32x32/actions/insert-object.png": "edit-copy.png"})
    for theme in THEMES[3:5]:
        build(
            folder, theme, whole(theme) | {"32x32/actions/insert-object.png": png(drawing(theme))}
        )
    build(folder, "g", {"32x32/actions/insert-object.png": png(drawing("other"))})
    dataset = load("icons")
    assert dataset.class_names == NAMES
    assert torch.equal(image_of(dataset, "T4", "edit-copy"), on_white(drawing(("T4", "edit-copy"))))
    assert torch.equal(image_of(dataset, "g", "edit-copy"), on_white(drawing("other")))


def test_a_picture_of_two_classes_belongs_to_that_of_its_file(folder: Path) -> None:
    link, copy = whole("g"), whole("h")
    link["32x32/actions/go-up.png"] = "go-down.png"
    copy["32x32/actions/go-up.png"] = copy["32x32/actions/go-down.png"]
    build(folder, "g", link)
    build(folder, "h", copy)
    dataset = load("icons")
    assert shown(dataset, "g") == set(NAMES) - {"go-up"}
    assert shown(dataset, "h") == set(NAMES) - {"go-up", "go-down"}
    assert len(dataset) == 36 + 5 + 4


def test_themes_with_shared_pictures_are_one_group(folder: Path) -> None:
    """Such as themes derived from another one, with some icons of their own."""
    fifth = whole("fifth", NAMES[:4]) | dict(list(whole("T6").items())[4:])
    build(folder, "fifth", fifth)
    sixth = whole("sixth", NAMES[:5]) | dict(list(whole("T5").items())[5:])
    build(folder, "sixth", sixth)
    dataset = load("icons")
    assert dataset.group_names == (*THEMES, "sixth")
    assert dataset.groups.bincount().tolist() == [6, 6, 6, 6, 6, 10, 5]
    images = dataset.inputs.flatten(1)
    assert len(torch.unique(images, dim=0)) == len(images)  # no duplicate pictures
    assert dataset.remark == "icons of 8 themes in 7 groups"


def test_nearly_identical_pictures_are_used_once(folder: Path) -> None:
    """Such as redrawn icons: shifted by a pixel, or slightly brighter."""
    before = load("icons")
    for name in NAMES:
        image = drawing(("T6", name))
        moved = (
            ImageChops.offset(image, 1, 0)
            if name < "f"
            else ImageEnhance.Brightness(image).enhance(1.05)
        )
        build(folder, "T7", {f"32x32/actions/{name}.png": png(moved)})
    dataset = load("icons")
    assert torch.equal(dataset.inputs, before.inputs)
    assert dataset.group_names == THEMES


def test_icons_without_a_common_style_are_ignored(folder: Path) -> None:
    before = load("icons")
    build(folder, "hicolor", whole("hicolor"))
    build(folder, "T1-dark", whole("T1-dark"))
    build(folder, "eT1", whole("eT1"))
    build(folder, "strips", whole("strips"), "Context=Animations")
    build(folder, "dense", whole("dense"), "Scale=2")
    build(folder, "symbols", {
        name.replace(".png", "-symbolic.png"): content for name, content in whole("s").items()
    })  # fmt: skip
    (folder / "symbols" / "32x32" / "actions" / "folder.xpm").write_text("no icon")
    for name, text in {"broken": "no section\n", "empty": "", "bare": "[Icon Theme]\n"}.items():
        (folder / name).mkdir()
        (folder / name / "index.theme").write_text(text)
    build(folder, "gone", {"32x32/actions/folder.png": "nowhere.png"})
    (folder / "gone" / "32x32" / "actions" / "folder.png").unlink()
    (folder / "gone" / "32x32" / "actions").rmdir()
    (folder / "no-index" / "32x32").mkdir(parents=True)
    assert load("icons").fingerprint() == before.fingerprint()


def test_a_rare_icon_is_not_a_class(folder: Path) -> None:
    for theme in THEMES[:2]:
        (folder / theme / "32x32" / "actions" / "folder.png").unlink()
    assert load("icons").class_names == tuple(name for name in NAMES if name != "folder")


@pytest.mark.filterwarnings("error")
def test_broken_files_are_skipped_and_counted(folder: Path, capfd) -> None:
    content = png(drawing(0))
    broken: dict[str, bytes | str] = {
        "32x32/actions/edit-copy.png": content[: len(content) // 2],
        "32x32/actions/edit-cut.png": b"",
        "32x32/actions/edit-paste.svg": b"<svg",
        "32x32/actions/folder.svg": b"\xff\xfe",
        "32x32/actions/go-down.png": "nowhere.png",
        "32x32/actions/go-up.png": png(drawing("whole")),
    }
    build(folder, "g", broken)
    dataset = load("icons")
    assert shown(dataset, "g") == {"go-up"}
    first = folder / "g" / "32x32" / "actions" / "edit-copy.png"
    assert dataset.remark == (
        "icons of 7 themes in 7 groups; files that cannot be read and are left out: 5, "
        f"{first} first"
    )
    assert capfd.readouterr() == ("", "")


def test_the_fingerprint_ignores_the_paths_of_icons(
    folder: Path, tmp_path: Path, monkeypatch
) -> None:
    before = load("icons")
    assert load("icons").fingerprint() == before.fingerprint()
    for place in (tmp_path / "own" / "icons", tmp_path / "home" / ".icons"):
        place.parent.mkdir()
        folder = folder.rename(place)
        assert load("icons").fingerprint() == before.fingerprint()
    # A theme may be spread over several folders; the user's file takes precedence.
    build(tmp_path / "own" / "icons", "T1", {"32x32/actions/go-up.png": png(drawing("hidden"))})
    half = whole("T2", NAMES[3:])
    build(tmp_path / "own" / "icons", "T2", half)
    for name in half:
        (folder / "T2" / name).unlink()
    assert load("icons").fingerprint() == before.fingerprint()
    # A change that no pixel reflects.
    path = folder / "T3" / "32x32" / "actions" / "go-up.png"
    path.write_bytes(path.read_bytes() + b" ")
    changed = load("icons")
    assert torch.equal(changed.inputs, before.inputs)
    assert changed.fingerprint() != before.fingerprint()


def item() -> DatasetInfo:
    return next(item for item in names() if item.name == "icons")


def test_too_few_themes_give_one_line(folder: Path) -> None:
    assert item().is_here()
    for theme in THEMES[4:]:
        (folder / theme).rename(folder / f"T1-{theme}")
    assert not item().is_here()
    with pytest.raises(SweeperError) as caught:
        load("icons")
    assert str(caught.value) == (
        "icons: 4 distinct icon themes on this machine, but 5 with two icons in common are "
        f"needed; install more (on Debian: apt install {PACKAGES})"
    )


@pytest.mark.long
def test_the_themes_of_this_machine(record_property: Callable[..., None]) -> None:
    if not item().is_here():
        pytest.skip(f"fewer than 5 icon themes are installed; apt install {PACKAGES}")
    start = time.perf_counter()
    dataset = load("icons")
    record_property("seconds", time.perf_counter() - start)
    assert load("icons").fingerprint() == dataset.fingerprint()
    images = dataset.inputs.flatten(1)
    pairs = torch.cat([images, dataset.labels[:, None].to(images)], dim=1)
    assert len(torch.unique(pairs, dim=0)) == len(pairs)
    for c in range(dataset.num_classes):
        assert len(dataset.groups[dataset.labels == c].unique()) >= 5
