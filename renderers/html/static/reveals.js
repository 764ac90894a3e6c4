// Opens and closes what answers on the same page decide: questions, parts of a page, options. What was entered stays, and
// comes back when its question is opened again.

import { evaluate } from "./conditions.js";
import { isEmpty, read, UnsureError } from "./typed.js";

/** The truth of a condition that reads something only the service can read: what depends on it stays open. */
const UNSURE = "unsure";

/** Parts joined by "and" or "or", one of them decisive whatever the others. */
function joined(truths, decisive) {
  if (truths.includes(decisive)) return decisive;
  if (truths.includes(UNSURE)) return UNSURE;
  return truths.includes(null) ? null : !decisive;
}

/** The condition's truth, or UNSURE; `values` and `item` throw where an answer is read that is not sure. */
function truthOf(tree, values, item, today) {
  if (tree?.op === "and" || tree?.op === "or") {
    const parts = tree.parts.map((part) => truthOf(part, values, item, today));
    return joined(parts, tree.op === "or");
  }
  try {
    return evaluate(tree, values, item, today);
  } catch (error) {
    if (!(error instanceof UnsureError)) throw error;
    return UNSURE;
  }
}

/** The keys of all answers that a condition reads. */
function keysOf(tree) {
  if (tree === null || typeof tree !== "object") return [];
  const own = [tree.answer, tree.other].filter((answer) => answer !== undefined).map((answer) => answer.key);
  const lists = tree.list === undefined ? [] : [tree.list];
  const parts = [...(tree.parts ?? []), tree.part, tree.where];
  return [...own, ...lists, ...parts.flatMap((part) => keysOf(part ?? null))];
}

/** What is entered in a box: nothing where it is not ticked. */
function textsOf(box) {
  if (box.type === "radio" || box.type === "checkbox") return box.checked ? [box.value] : [];
  return [box.value];
}

/** Puts what `get` returns at `key`; nothing where that is undefined, and what throws where it is not sure. */
function put(values, key, get) {
  try {
    const value = get();
    if (value !== undefined) values[key] = value;
  } catch (error) {
    if (!(error instanceof UnsureError)) throw error;
    Object.defineProperty(values, key, {
      enumerable: true,
      get() {
        throw error;
      },
    });
  }
}

class Reveals {
  constructor(data) {
    this.data = data;
    this.truths = new Map(); // by place: true, false, null for unknown, UNSURE
    this.places = data.conditions
      .map((condition) => ({
        ...condition,
        keys: new Set(keysOf(condition.when)),
        place: document.getElementById(condition.element),
      }))
      .filter(({ place }) => place !== null);
  }

  /** Conditions stand in document order, so what one of them reads has been opened or closed before. */
  update() {
    for (const condition of this.places) {
      const truth = this.truth(condition);
      this.truths.set(condition.place, truth);
      show(condition.place, truth === true || truth === UNSURE, truth === UNSURE);
    }
    tellNothingOffered(this.places);
  }

  truth({ when, row, keys }) {
    const { inputs, lists, today } = this.data;
    const values = this.values(inputs[""], keys);
    for (const key of Object.keys(lists).filter((each) => keys.has(each))) {
      put(values, key, () => this.items(lists[key], keys));
    }
    return truthOf(when, values, row === "" ? null : this.values(inputs[row], keys), today);
  }

  /** Whether what stands in `element` counts: all that it stands in is open. */
  counts(element) {
    const around = [];
    for (let place = element; place !== null; place = place.parentElement) {
      if (this.truths.has(place)) around.push(this.truths.get(place));
    }
    return joined(around, false);
  }

  /** The values of those of `inputs` whose keys are among `keys`. */
  values(inputs, keys) {
    const values = Object.create(null);
    for (const [key, input] of Object.entries(inputs ?? {})) {
      if (keys.has(key)) put(values, key, () => read(input.reading, this.data.line, this.entered(input.names)));
    }
    return values;
  }

  /** The texts entered in the boxes that count, by part. */
  entered(names) {
    return Object.fromEntries(
      Object.entries(names).map(([part, name]) => [
        part,
        [...document.getElementsByName(name)].flatMap((box) => this.textsThatCount(box)),
      ]),
    );
  }

  textsThatCount(box) {
    const texts = textsOf(box);
    const counts = this.counts(box.selectedOptions?.[0] ?? box);
    if (counts === UNSURE && !isEmpty(texts, this.data.line)) throw new UnsureError(box.name);
    return counts === true ? texts : [];
  }

  /** The items of a list, empty where it does not count, undefined where that is not known or nobody has answered. */
  items({ element, rows, answered, counts: without }, keys) {
    const counts = element === undefined ? without : this.counts(document.getElementById(element));
    if (counts === UNSURE) throw new UnsureError(element);
    if (counts !== true) return counts === false ? [] : undefined;
    const begun = rows.filter((row) => this.isBegun(row));
    if (begun.length === 0 && !answered) return undefined;
    return begun.map((row) => this.values(this.data.inputs[row], keys));
  }

  /** Whether anything is entered in a row: blank rows are no items. */
  isBegun(row) {
    const boxes = document.getElementById(row)?.querySelectorAll("input, select, textarea") ?? [];
    return [...boxes].some((box) => !box.disabled && !isEmpty(textsOf(box), this.data.line));
  }
}

function show(place, open, withNote) {
  place.hidden = !open;
  place.toggleAttribute("data-app-closed", !open);
  if (place instanceof HTMLOptionElement) {
    showOption(place, open, withNote);
    return;
  }
  const isQuestion = place.classList.contains("app-asked");
  for (const note of place.querySelectorAll(isQuestion ? ":scope > [data-app-note]" : "[data-app-note]")) {
    note.hidden = !withNote;
  }
  // What is not offered is not sent, ticked or not.
  if (!isQuestion) for (const box of place.querySelectorAll("input")) box.disabled = !open;
}

/** An option of a list to open: it is let go of when it is closed, and taken again when it is back. */
function showOption(option, open, withNote) {
  const select = option.closest("select");
  option.disabled = !open;
  option.text = withNote ? option.dataset.appNoted : option.dataset.appLabel;
  if (!open && option.selected) {
    option.dataset.appLetGo = "";
    select.value = "";
  } else if (open && "appLetGo" in option.dataset) {
    delete option.dataset.appLetGo;
    if (select.value === "") select.value = option.value;
  }
}

/** Says where other answers leave nothing to choose. */
function tellNothingOffered(places) {
  for (const note of document.querySelectorAll("[data-app-offers-nothing]")) {
    const group = note.closest(".govuk-form-group");
    note.hidden = places.some(({ place }) => group.contains(place) && !place.hidden);
  }
}

export function startReveals() {
  const script = document.getElementById("conditions");
  if (script === null) return;
  const reveals = new Reveals(JSON.parse(script.textContent));
  const form = document.getElementById("answers");
  form.addEventListener("change", () => reveals.update());
  form.addEventListener("input", () => reveals.update());
  window.addEventListener("pageshow", () => reveals.update());
  reveals.update();
}
