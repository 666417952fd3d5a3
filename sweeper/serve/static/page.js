// Draws the figures of a page, adds buttons to its lines to copy, and waits for answers. Pages work without it.
"use strict";

function colors() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

// Colors of figures that are too dark for a dark page: the line of a prediction, its band, shading.
const BRIGHTER = [
  ["#0072b2", "#56b4e9"],
  ["rgba(0, 114, 178,", "rgba(86, 180, 233,"],
  ["rgba(36, 41, 47,", "rgba(200, 208, 218,"],
  ["#c2185b", "#ff7aa8"],
];

const dark = matchMedia("(prefers-color-scheme: dark)");

// A figure's layout in the colors of the page.
function themed(layout) {
  const color = colors();
  // What somebody zoomed into stays so when the figure is drawn again.
  const result = { ...layout, uirevision: true, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" };
  result.font = { ...layout.font, color: color("--ink") };
  for (const name of Object.keys(result)) {
    if (/^[xy]axis\d*$/.test(name)) {
      result[name] = { ...result[name], gridcolor: color("--line"), linecolor: color("--quiet"), tickcolor: color("--quiet") };
    }
  }
  return result;
}

// What each figure shows: what stays the same is not drawn again when a page is refreshed.
const drawn = new WeakMap();

// Figures whose points lead to pages; their tables have the same links.
const linked = new WeakSet();

function draw() {
  for (const place of document.querySelectorAll("[data-figure]")) {
    let content = document.getElementById(place.dataset.figure).textContent;
    const state = `${dark.matches} ${content}`;
    if (drawn.get(place) === state) continue;
    drawn.set(place, state);
    for (const [from, to] of dark.matches ? BRIGHTER : []) content = content.replaceAll(from, to);
    const figure = JSON.parse(content);
    Plotly.react(place, figure.data, themed(figure.layout), { responsive: true, displayModeBar: false });
    if ("links" in place.dataset && !linked.has(place)) {
      linked.add(place);
      place.on("plotly_click", (event) => { location.assign(event.points[0].customdata[0]); });
    }
  }
}

function addCopying() {
  for (const box of document.querySelectorAll(".copy")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(box.querySelector("code").textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(box.querySelector("code"));
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    box.append(button);
  }
}

// Shows an answer once it is there; without scripts the page is loaded again every other second.
async function awaitAnswer() {
  for (;;) {
    await new Promise((done) => setTimeout(done, 1000));
    try {
      if ((await fetch(location.href)).status !== 202) {
        location.reload();
        return;
      }
    } catch {
      // The server is out of reach: it may come back.
    }
  }
}

addCopying();
if (document.querySelector("[data-waiting]")) awaitAnswer();
if (window.Plotly) {
  draw();
  dark.addEventListener("change", draw);
  document.addEventListener("htmx:after:swap", draw);
}
