// Keeps the changing part of a page up to date, by htmx: while the page is seen, and as long as the part asks for it.
"use strict";

function told() {
  return document.getElementById("stale");
}

// When what is shown was true.
let seen = new Date();

// What is shown is older than it looks, and says so until the server answers again.
function tell() {
  if (told()) return;
  const note = document.createElement("p");
  note.id = "stale";
  note.className = "note warn";
  note.setAttribute("role", "status");
  note.textContent = `The server has not answered since ${seen.toLocaleTimeString()}: this is how it was then.`;
  document.getElementById("refreshed").before(note);
}

document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden) event.preventDefault();
});

document.addEventListener("htmx:before:response", (event) => {
  const { raw } = event.detail.ctx.response;
  // Sent to the login page; or the study is there no more: whoever looks is to know.
  if (raw.redirected || (raw.status >= 400 && raw.status < 500)) {
    event.preventDefault();
    location.reload();
  } else if (raw.ok) {
    seen = new Date();
    told()?.remove();
  } else {
    tell();
  }
});

document.addEventListener("htmx:error", tell);
