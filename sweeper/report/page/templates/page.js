document.addEventListener("DOMContentLoaded", () => {
  for (const source of document.querySelectorAll("script[data-figure]")) {
    const figure = JSON.parse(source.textContent);
    Plotly.newPlot(source.dataset.figure, figure.data, figure.layout, {
      responsive: true,
      displaylogo: false,
      displayModeBar: true,
      toImageButtonOptions: { format: "svg", filename: source.dataset.figure },
    });
  }
});
