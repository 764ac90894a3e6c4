// The text of a form: a finding's link moves the cursor to its line in the box, where it can be mended at once.

function lineStart(text, number) {
  let start = 0;
  for (let line = 1; line < number; line += 1) {
    const end = text.indexOf("\n", start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  return start;
}

function goToLine(box, number) {
  const start = lineStart(box.value, number);
  const end = box.value.indexOf("\n", start);
  box.focus();
  box.setSelectionRange(start, end < 0 ? box.value.length : end);
  const height = Number.parseFloat(getComputedStyle(box).lineHeight);
  box.scrollTop = Math.max(0, (number - 4) * height);
  box.scrollIntoView({ block: "nearest" });
}

const box = document.getElementById("text");
if (box !== null) {
  for (const link of document.querySelectorAll("[data-studio-line]:not([data-studio-line=''])")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      goToLine(box, Number(link.dataset.studioLine));
    });
  }
  // What was typed and not saved is not left by mistake.
  const before = box.value;
  let leaving = false;
  document.getElementById("editor").addEventListener("submit", (event) => {
    leaving = event.submitter === null || event.submitter.formTarget === "";
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && box.value !== before) event.preventDefault();
  });
}
