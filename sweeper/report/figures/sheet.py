"""The contact sheet of a study's images as a figure."""

import base64
import io

import plotly.graph_objects as go

from sweeper.console import count
from sweeper.data import Dataset
from sweeper.report.contact_sheet import contact_sheet
from sweeper.report.figures import style

#: Classes on the sheet, and pixels of a side of an image: it stays small, since it is stored in the
#: database in many pieces, and the page gives it 450 pixels of height.
_ROWS, _SIDE = 8, 64
_QUALITY = 80


def sheet_figure(dataset: Dataset, name: str) -> go.Figure:
    """Return a few images of each class as a net sees them, reduced if they are large.

    Args:
        dataset: of images.
        name: of the study.
    """
    sheet = contact_sheet(dataset, _ROWS, _SIDE)
    buffer = io.BytesIO()
    sheet.save(buffer, "WEBP", quality=_QUALITY)
    width, height = sheet.size
    source = f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    # A figure without a trace has no axes to place an image on.
    figure = go.Figure(go.Scatter(x=[], y=[], showlegend=False))
    figure.add_layout_image(
        source=source,
        xref="x",
        yref="y",
        x=0,
        y=0,
        sizex=width,
        sizey=height,
        sizing="stretch",
        layer="above",
    )
    shape = "×".join(map(str, dataset.input_shape))
    images = f"{count(len(dataset), 'image')} of {shape}, {count(dataset.num_classes, 'class')}"
    style.finish(figure, f"{name}: images as the net sees them", images)
    figure.update_layout(margin={"l": 16, "b": 16})
    figure.update_xaxes(visible=False, range=[0, width], constrain="domain")
    figure.update_yaxes(visible=False, range=[height, 0], scaleanchor="x", constrain="domain")
    return figure
