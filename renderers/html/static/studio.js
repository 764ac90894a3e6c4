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

function element(name, className, ...inside) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...inside);
  return made;
}

/** A finding as the page itself draws it. */
function findingItem(found) {
  const link = element("a", "govuk-link", found.where);
  link.href = found.href;
  link.dataset.studioLine = found.line || "";
  const code = element("span", "studio-finding__code", `(${found.code})`);
  const item = element("li", `studio-finding studio-finding--${found.severity}`);
  item.append(element("p", "govuk-body studio-finding__what", link, `: ${found.message} `, code));
  if (found.text) item.append(element("pre", "studio-finding__text", element("code", "", found.text)));
  if (found.help) item.append(element("p", "govuk-body-s", found.help));
  return item;
}

const AFTER_TYPING_MS = 300;

/** Shows the findings in what is typed, a moment after the last key. Of two answers only the newer one counts. */
class LiveFindings {
  constructor(box, list) {
    this.box = box;
    this.list = list;
    this.asked = 0;
    box.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.check(), AFTER_TYPING_MS);
    });
  }

  async check() {
    this.asked += 1;
    const turn = this.asked;
    const sent = new FormData(document.getElementById("editor"));
    const headers = { "X-CSRF-Token": sent.get("csrf"), Accept: "application/json" };
    let answer;
    try {
      answer = await fetch(this.list.dataset.studioCheck, { method: "POST", body: sent, headers });
    } catch {
      return; // Without a network the findings stay as they are; saving says so.
    }
    if (!answer.ok || turn !== this.asked) return;
    const { findings, said } = await answer.json();
    if (turn !== this.asked) return;
    const shown = findings.length === 0 ? element("p", "govuk-body", said) : element("ul", "govuk-list studio-findings");
    shown.append(...findings.map(findingItem));
    this.list.replaceChildren(shown);
    document.getElementById("found").textContent = said;
  }
}

const box = document.getElementById("text");
if (box !== null) {
  const list = document.getElementById("finding-list");
  new LiveFindings(box, list);
  list.addEventListener("click", (event) => {
    const line = event.target.closest("[data-studio-line]")?.dataset.studioLine;
    if (!line) return;
    event.preventDefault();
    goToLine(box, Number(line));
  });
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
