from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sweeper.data import ImageSize
from sweeper.data.images.files import image_file, read_images
from sweeper.errors import SweeperError


def read(*paths: Path, **options: object) -> torch.Tensor:
    return read_images([image_file(path) for path in paths], **options)[0]


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


def plain(color: object, mode: str = "RGB", size: tuple[int, int] = (4, 4)) -> Image.Image:
    return Image.new(mode, size, color)


def test_gray_and_color_pixels_are_unchanged(tmp_path: Path) -> None:
    gray = np.arange(20, dtype=np.uint8).reshape(4, 5)
    color = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    a = saved(tmp_path / "a.png", Image.fromarray(gray))
    b = saved(tmp_path / "b.png", Image.fromarray(color))
    assert torch.equal(read(a), torch.from_numpy(gray)[None, None])
    both = read(a, b)
    assert both.shape == (2, 3, 4, 5)
    assert both.dtype == torch.uint8
    for channel in range(3):
        assert torch.equal(both[0, channel], torch.from_numpy(gray))
        assert torch.equal(both[1, channel], torch.from_numpy(color[..., channel]))


def test_gray_in_a_color_file_is_gray(tmp_path: Path) -> None:
    assert read(saved(tmp_path / "a.png", plain((7, 7, 7)))).shape == (1, 1, 4, 4)


@pytest.mark.parametrize(
    ("image", "pixel"),
    [
        (plain(1, "1"), [255]),
        (plain(9, "L"), [9]),
        (plain((10, 20, 30, 255), "RGBA"), [10, 20, 30]),
        (plain((10, 20, 30, 0), "RGBA"), [255]),
        (plain((100, 0), "LA"), [255]),
        (plain((100, 255), "LA"), [100]),
        (plain((200, 100, 50)).quantize(4), [200, 100, 50]),
        (plain(257 * 40, "I;16"), [40]),
        (plain(65535, "I;16"), [255]),
    ],
)
def test_modes(tmp_path: Path, image: Image.Image, pixel: list[int]) -> None:
    result = read(saved(tmp_path / "a.png", image))
    assert result[0, :, 2, 2].tolist() == pixel


def test_floating_point_pixels_are_rejected(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "a.tif", Image.fromarray(np.linspace(0, 1, 16, dtype="f4").reshape(4, 4))
    )
    with pytest.raises(SweeperError, match=r"a\.tif \(floating-point pixels, mode F"):
        read(path)


def test_transparent_palette_color_becomes_white(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.gif", plain((200, 100, 50)).quantize(4), transparency=0)
    assert read(path).unique().tolist() == [255]


def test_cmyk(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tif", plain((0, 255, 255, 0), "CMYK"))
    assert read(path)[0, :, 0, 0].tolist() == [255, 0, 0]


def test_exif_orientation_rotates_the_image(tmp_path: Path) -> None:
    pixels = np.array([[0, 50, 100], [150, 200, 250]], np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90° clockwise
    path = saved(tmp_path / "a.png", Image.fromarray(pixels), exif=exif)
    assert torch.equal(read(path)[0, 0], torch.from_numpy(np.rot90(pixels, -1).copy()))


def test_a_common_size_is_kept_up_to_64_pixels(tmp_path: Path) -> None:
    for size, expected in [((64, 48), (48, 64)), ((65, 48), (32, 32)), ((200, 300), (32, 32))]:
        paths = [saved(tmp_path / f"{i}.png", plain((i, 0, 0), size=size)) for i in (1, 2)]
        assert read(*paths).shape == (2, 3, *expected)


def test_different_sizes_are_cropped_to_a_square_and_resized(tmp_path: Path) -> None:
    wide = np.zeros((40, 120, 3), np.uint8)
    wide[:, :40, 0] = 255  # left third red, which the centered square excludes
    wide[:, 40:80, 1] = 255
    wide[:, 80:, 2] = 255
    a = saved(tmp_path / "a.png", Image.fromarray(wide))
    b = saved(tmp_path / "b.png", plain((0, 0, 255), size=(16, 16)))
    result = read(a, b)
    assert result.shape == (2, 3, 32, 32)
    # The outermost columns are interpolated with pixels beyond the crop.
    assert result[0, :, :, 1:-1].flatten(1).unique(dim=1).T.tolist() == [[0, 255, 0]]
    assert result[1].flatten(1).unique(dim=1).T.tolist() == [[0, 0, 255]]


def test_a_size_can_be_requested(tmp_path: Path) -> None:
    paths = [saved(tmp_path / f"{n}.png", plain((n, 0, 0), size=(n, n))) for n in (10, 10, 90)]
    assert read(*paths, size=ImageSize(20)).shape == (3, 3, 20, 20)
    assert read(*paths[:2], size=ImageSize(90)).shape == (2, 3, 90, 90)


def test_a_share_of_each_image_can_be_kept(tmp_path: Path) -> None:
    image = plain((0, 0, 255), size=(96, 80))
    image.paste((255, 0, 0), (48 - 20, 40 - 20, 48 + 20, 40 + 20))  # half of the square's side
    path = saved(tmp_path / "a.png", image)
    inner = read(path, size=ImageSize(40, 0.5))[0, :, 1:-1, 1:-1]  # the border is interpolated
    assert inner.flatten(1).unique(dim=1).T.tolist() == [[255, 0, 0]]
    assert read(path, size=ImageSize(40))[0, :, 0, 0].tolist() == [0, 0, 255]


def test_more_images_than_fit_into_the_memory_are_refused_at_once(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", plain((1, 2, 3)))
    with pytest.raises(
        SweeperError, match=r"^1,000,000 images of 1024×1024 pixels take 3146 GB.*size=N"
    ):
        read(*[path] * 1_000_000, size=ImageSize(1024))


def test_a_large_jpeg_keeps_its_content(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 512).astype(np.uint8)
    path = saved(tmp_path / "a.jpg", Image.fromarray(np.tile(ramp, (512, 1))), quality=95)
    expected = np.tile(ramp, (512, 1)).reshape(32, 16, 32, 16).mean(axis=(1, 3))
    assert np.abs(read(path)[0, 0].numpy() - expected).max() < 4


@pytest.mark.parametrize("content", [b"", b"no image at all", None])
def test_a_broken_file_is_named_or_skipped_on_request(
    tmp_path: Path, content: bytes | None
) -> None:
    good = saved(tmp_path / "good.png", plain((1, 2, 3)))
    bad = tmp_path / "bad.png"
    whole = saved(tmp_path / "whole.png", Image.effect_noise((60, 60), 50)).read_bytes()
    bad.write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(SweeperError, match=r"^cannot read the image .*bad\.png.*broken=skip.*$"):
        read(good, bad)
    images, readable, *_ = read_images([image_file(bad), image_file(good)], skip_broken=True)
    assert readable.tolist() == [False, True]
    assert images.shape == (1, 3, 4, 4)
    with pytest.raises(SweeperError, match="none of 1 image files can be read"):
        read(bad, skip_broken=True)


def test_the_order_of_many_files_is_kept(tmp_path: Path) -> None:
    paths = [saved(tmp_path / f"{i}.png", plain(i % 256, "L", (2, 2))) for i in range(300)]
    assert read(*paths)[:, 0, 0, 0].tolist() == [i % 256 for i in range(300)]


def test_white_shapes_on_transparency_do_not_vanish(tmp_path: Path) -> None:
    shape = plain((255, 255, 255, 0), "RGBA", (8, 8))
    shape.paste((255, 255, 255, 255), (2, 2, 6, 6))
    result = read(saved(tmp_path / "a.png", shape))
    assert result[0, 0, 4, 4] == 255
    assert result[0, 0, 0, 0] == 0


def test_twelve_bits_in_a_file_of_sixteen_keep_their_levels(tmp_path: Path) -> None:
    values = np.linspace(0, 4095, 64 * 64).round().astype(np.uint16).reshape(64, 64)
    path = saved(tmp_path / "a.png", Image.fromarray(values))
    read_now = read_images([image_file(path)])
    assert len(read_now.images.unique()) == 256
    expected = np.rint(values / 4095 * 255)
    assert np.abs(read_now.images[0, 0].numpy() - expected).max() <= 1
    assert read_now.notes == ("1 file of 16 bits, which hold 12: scaled by 4,095 to 255",)


def test_the_depth_is_that_of_all_files_together(tmp_path: Path) -> None:
    paths = [saved(tmp_path / f"{n}.png", plain(n, "I;16")) for n in (100, 40_000)]
    assert read(*paths)[:, 0, 0, 0].tolist() == [round(n / 257) for n in (100, 40_000)]


@pytest.mark.parametrize("values", [[-5, 100], [0, 70_000]])
def test_signed_and_larger_values_are_refused(tmp_path: Path, values: list[int]) -> None:
    pixels = np.array([values] * 2, np.int32)
    path = saved(tmp_path / "a.tif", Image.fromarray(pixels))
    with pytest.raises(SweeperError, match=r"a\.tif \(pixels from .* of unknown range: 8 bits"):
        read(path)


def test_the_first_frame_that_shows_something_counts(tmp_path: Path) -> None:
    blank, shape = plain(0, "L", (8, 8)), plain(0, "L", (8, 8))
    shape.paste(255, (2, 2, 6, 6))
    path = tmp_path / "a.gif"
    blank.save(path, save_all=True, append_images=[shape, blank])
    read_now = read_images([image_file(path)])
    assert read_now.images[0, 0, 4, 4] == 255
    assert read_now.notes == (f"1 file with more than one frame or page, one of each used: {path}",)


def test_what_became_of_sizes_is_said(tmp_path: Path) -> None:
    paths = [saved(tmp_path / f"{n}.png", plain((n, 0, 0), size=(320, 240))) for n in (1, 2, 3)]
    files = [image_file(path) for path in paths]
    assert read_images(files).notes == ("images of 320×240 became 32×32: centered square, resized",)
    other = saved(tmp_path / "other.png", plain((9, 0, 0), size=(500, 20)))
    (note,) = read_images([*files, image_file(other)]).notes
    assert note.startswith("images of 2 sizes, sides of 20 to 500 pixels, became 32×32")


@pytest.mark.parametrize("ending", [".jfif", ".tga", ".heic", ".jp2", ".qoi", ".HEIC"])
def test_formats_of_phones_and_old_programs(tmp_path: Path, ending: str) -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    ramp = np.tile(np.linspace(0, 255, 48).round().astype(np.uint8), (48, 1))
    image = Image.fromarray(np.stack([ramp, ramp.T, 255 - ramp], axis=2))
    path = tmp_path / f"a{ending}"
    image.save(path, format={".jfif": "JPEG"}.get(ending))
    difference = read(path)[0].float() - torch.from_numpy(np.array(image)).permute(2, 0, 1)
    assert difference.abs().mean() < 6  # lossy, half the resolution in color


def test_the_size_of_a_jpeg_is_told_as_its_file_has_it(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", plain((90, 20, 0), size=(640, 480)))
    (note,) = read_images([image_file(path)]).notes
    assert note.startswith("images of 640×480 became 32×32")


def test_what_was_left_out_or_changed_is_named(tmp_path: Path) -> None:
    color = [saved(tmp_path / f"{n}.png", plain((n, 0, 9), size=(8, 8))) for n in range(2)]
    gray = [saved(tmp_path / f"gray{n}.png", plain(n, "L", (8, 8))) for n in range(3)]
    clear = saved(tmp_path / "clear.png", plain((9, 0, 0, 0), "RGBA", (8, 8)))
    opaque = saved(tmp_path / "opaque.png", plain((9, 0, 0, 255), "RGBA", (8, 8)))
    white = plain((255, 255, 255, 0), "RGBA", (8, 8))
    white.paste((255, 255, 255, 255), (2, 2, 6, 6))
    white_path = saved(tmp_path / "white.png", white)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    paths = [*color, *gray, clear, opaque, white_path, broken]
    result = read_images([image_file(path) for path in paths], skip_broken=True)
    assert result.notes == (
        f"1 file cannot be read, left out: {broken}",
        "2 images with transparency, put on white, or on black where white would hide them (1): "
        f"{clear} and 1 more",
        # What is transparent everywhere, and white shapes on black, are gray by now.
        f"5 images in gray among those in color, read as RGB: {gray[0]} and 4 more",
    )
