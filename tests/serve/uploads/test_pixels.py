"""Image files by their headers."""

import pytest
from PIL import Image

from sweeper.errors import SweeperError
from sweeper.serve.uploads.pixels import require_moderate
from tests.support.sent_files import claimed_png, png


def test_usual_images_and_what_cannot_be_read_are_left_to_the_reader(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").write_bytes(png(640, 480))
    (tmp_path / "a" / "2.png").write_bytes(b"no image")
    require_moderate(tmp_path)


@pytest.mark.parametrize("size", [(10_000, 5_001), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_header_that_claims_too_many_pixels_is_refused(tmp_path, size):
    (tmp_path / "1.png").write_bytes(claimed_png(*size))
    with pytest.raises(SweeperError, match=r"1\.png has .* pixels.*make it smaller"):
        require_moderate(tmp_path)


def test_a_second_page_that_is_too_large_is_refused(tmp_path):
    first, second = Image.new("1", (8, 8)), Image.new("1", (10_000, 6_000))
    first.save(
        tmp_path / "1.tif", save_all=True, append_images=[second], compression="tiff_deflate"
    )
    with pytest.raises(SweeperError, match=r"1\.tif has 10,000×6,000 pixels"):
        require_moderate(tmp_path)


def test_content_that_other_programs_would_draw_is_refused(tmp_path):
    (tmp_path / "1.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n")
    with pytest.raises(SweeperError, match="EPS by its content"):
        require_moderate(tmp_path)
