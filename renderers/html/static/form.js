// What a page does better with JavaScript. Without it every question can be answered all the same.

import { evaluate } from "./conditions.js";

const MONTHS =
  "january february march april may june july august september october november december " +
  "ionawr chwefror mawrth ebrill mai mehefin gorffennaf awst medi hydref tachwedd rhagfyr";
const DAYS_OF_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What is said where something was entered that only the server can read. */
class UnsureError extends Error {}

// --- reading what is entered: the value a condition sees, or undefined while there is none --------------------------

function boxes(name) {
  return [...document.getElementsByName(name)].filter((box) => box.closest("[data-app-closed]") === null);
}

/** Text without blank ends; some characters count as blank that `trim` leaves. */
function stripped(text) {
  return text.replace(/^[\s\u0085\u200b]+|[\s\u0085\u200b]+$/g, "");
}

function typed(name) {
  const box = boxes(name)[0];
  return box === undefined ? "" : stripped(box.value);
}

function chosen(name) {
  return boxes(name)
    .filter((box) => (box.type === "radio" || box.type === "checkbox" ? box.checked : box.value !== ""))
    .map((box) => box.value);
}

function unsure(text) {
  if (text !== "") throw new UnsureError(text);
  return undefined;
}

function number(text, scale) {
  const written = text.replace(/^£/, "").trim();
  // Thousands stand in threes, behind commas: "1,50" may be one and a half, and "1.500" fifteen hundred.
  if (!/^-?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?$/.test(written)) return unsure(text);
  if (/^-?[1-9][0-9]{0,2}\.[0-9]{3}$/.test(written)) return unsure(text);
  const plain = written.replaceAll(",", "");
  return scale === 1 ? Number(plain) : Math.round(Number(plain) * scale);
}

function month(text) {
  if (/^[0-9]{1,2}$/.test(text)) return Number(text);
  const word = text.toLowerCase().replace(/\.$/, "");
  if (word === "sept") return 9;
  const names = MONTHS.split(" ");
  const place = word.length < 3 ? -1 : names.findIndex((name) => name.startsWith(word));
  return place < 0 ? Number.NaN : (place % 12) + 1;
}

/** A date as ISO text; undefined while it is incomplete or none, which the engine counts as missing too. */
function date(name, partial) {
  const [day, monthText, year] = ["day", "month", "year"].map((part) => typed(`${name}-${part}`));
  if (!/^[0-9]{4}$/.test(year) || year === "0000") return undefined;
  if (monthText === "") return partial && day === "" ? year : undefined;
  const numbered = month(monthText);
  if (!(numbered >= 1 && numbered <= 12)) return undefined;
  const pad = (part) => String(part).padStart(2, "0");
  if (day === "") return partial ? `${year}-${pad(numbered)}` : undefined;
  const figures = /^([0-9]{1,2})(st|nd|rd|th)?$/i.exec(day);
  if (figures === null || figures[1] < 1 || figures[1] > DAYS_OF_MONTHS[numbered - 1]) return undefined;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (numbered === 2 && Number(figures[1]) === 29 && !leap) return undefined;
  return `${year}-${pad(numbered)}-${pad(figures[1])}`;
}

const READERS = {
  __proto__: null,
  choice: ({ name }) => chosen(name)[0],
  tick: ({ name }) => chosen(name)[0],
  choices: ({ name }) => (chosen(name).length === 0 ? undefined : chosen(name)),
  number: ({ name, scale }) => number(typed(name), scale),
  date: ({ name }) => date(name, false),
  partial_date: ({ name }) => date(name, true),
};

function read(input) {
  const reader = READERS[input.kind];
  if (reader !== undefined) return reader(input);
  // Of files, also those that are kept from before.
  const text = stripped([...chosen(input.name), ...chosen(`${input.name}-keep`)].join(" "));
  return input.as_stored ? unsure(text) : text || undefined;
}

/** The values of those of `inputs` whose keys are among `keys`. */
function valuesOf(inputs, keys) {
  const values = Object.create(null);
  for (const [key, input] of Object.entries(inputs ?? {})) {
    const value = keys.has(key) ? read(input) : undefined;
    if (value !== undefined) values[key] = value;
  }
  return values;
}

/** The keys of all answers that a condition reads. */
function keysOf(tree) {
  if (tree === null || typeof tree !== "object") return [];
  const own = [tree.answer, tree.other].filter((answer) => answer !== undefined).map((answer) => answer.key);
  return [...own, ...[...(tree.parts ?? []), tree.part, tree.where].flatMap((part) => keysOf(part ?? null))];
}

// --- opening and closing ----------------------------------------------------------------------------------------------

/** Closes what no answer on the page asks for. What was entered stays, and comes back when it is opened again. */
class Reveals {
  constructor(data) {
    this.data = data;
    this.places = data.conditions
      .map((condition) => ({
        ...condition,
        keys: new Set(keysOf(condition.when)),
        place: document.getElementById(condition.element),
      }))
      .filter(({ place }) => place !== null);
  }

  update() {
    for (const condition of this.places) {
      try {
        this.show(condition.place, this.holds(condition), false);
      } catch (error) {
        if (!(error instanceof UnsureError)) throw error;
        this.show(condition.place, true, true);
      }
    }
  }

  /** Conditions stand in document order, so what one of them reads has been opened or closed before. */
  holds({ when, row, keys }) {
    const { inputs, rows, today } = this.data;
    const values = valuesOf(inputs[""], keys);
    for (const [list, ids] of Object.entries(rows)) {
      values[list] = ids.filter(isBegun).map((id) => valuesOf(inputs[id], keys));
    }
    return evaluate(when, values, row === "" ? null : valuesOf(inputs[row], keys), today) === true;
  }

  show(place, open, withNote) {
    place.hidden = !open;
    place.toggleAttribute("data-app-closed", !open);
    place.querySelector(":scope > [data-app-note]").hidden = !withNote;
  }
}

/** Whether anything is entered in a row: blank rows are no items. */
function isBegun(row) {
  const place = document.getElementById(row);
  if (place === null) return false;
  return [...place.querySelectorAll("input, select, textarea")].some((box) =>
    box.type === "radio" || box.type === "checkbox" ? box.checked : box.value.trim() !== "",
  );
}

function startReveals() {
  const script = document.getElementById("conditions");
  if (script === null) return;
  const reveals = new Reveals(JSON.parse(script.textContent));
  const form = document.getElementById("answers");
  form.addEventListener("change", () => reveals.update());
  form.addEventListener("input", () => reveals.update());
  window.addEventListener("pageshow", () => reveals.update());
  reveals.update();
}

// --- the rest ---------------------------------------------------------------------------------------------------------

function startPrintButtons() {
  for (const button of document.querySelectorAll("[data-app-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  for (const otherwise of document.querySelectorAll("[data-app-without-script]")) otherwise.hidden = true;
}

/** Saving while typing, and the end of the session, where a service keeps what is entered. */
async function startJourney() {
  const form = document.querySelector("form[data-app-timeout-minutes]");
  if (form === null) return;
  const journey = await import("./journey.js");
  journey.startJourney(form);
}

/** What some questions do better: each script comes with the first question that has it. */
async function startHelps() {
  const has = (selector) => document.querySelector(selector) !== null;
  if (has("select[data-app-type-ahead]")) (await import("./type-ahead.js")).startTypeAheads();
  if (has("[data-app-upload]")) (await import("./uploads.js")).startUploads();
  if (has("[data-app-address]")) (await import("./addresses.js")).startAddressSearches();
}

/** The menu stands open beside the page, and closed above it where there is no room beside. */
function startMenu() {
  const menu = document.querySelector(".app-menu__details");
  if (menu === null) return;
  const wide = window.matchMedia("(min-width: 48.0625em)");
  const fit = () => {
    menu.open = wide.matches;
  };
  wide.addEventListener("change", fit);
  fit();
}

/** What is wrong is said first. govuk-frontend does the same, better; this is for pages without it. */
function focusErrors() {
  const summary = document.querySelector(".govuk-error-summary");
  if (summary === null) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link === null || !link.hash || link.pathname !== location.pathname) return;
    const control = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (control === null) return;
    event.preventDefault();
    (control.closest("fieldset, .govuk-form-group") ?? control).scrollIntoView();
    control.focus({ preventScroll: true });
  });
}

async function startFrontend() {
  if (!("appFrontend" in document.body.dataset)) {
    focusErrors();
    return;
  }
  const frontend = await import("./vendor/govuk-frontend.min.js");
  document.body.classList.add("js-enabled", "govuk-frontend-supported");
  frontend.initAll();
  if (document.querySelector("[data-module=app-character-count]") !== null) {
    (await import("./character-count.js")).startCharacterCounts(frontend);
  }
}

startReveals();
startPrintButtons();
startMenu();
await Promise.all([startJourney(), startHelps(), startFrontend()]);
