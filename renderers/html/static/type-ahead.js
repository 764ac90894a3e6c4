// A long list as a box to search in: an editable combobox with a list box, as the ARIA Authoring Practices describe it.
//
// The select stays in the page, hidden, and holds the answer; everything that reads the form reads the select. What was
// typed and is no option is sent in its place, so that the server says so and nothing typed is lost.

const SAID_AFTER_MS = 500; // a screen reader is told of the options once the person pauses

// Letters that are no letter with an accent to Unicode, yet are typed as one.
const TYPED_AS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ħ: "h", ı: "i", ł: "l", ŋ: "n", þ: "th" };
const APOSTROPHES = /['’‘ʼʻ`´′＇]/gu;

/** A text for comparing: small letters, no accents, `apostrophe` for each apostrophe, one space between words. */
function plain(text, apostrophe = "") {
  const small = text.replace(APOSTROPHES, apostrophe).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return small.replace(/[^\x00-\x7f]/gu, (letter) => TYPED_AS[letter] ?? letter).replace(/\s+/g, " ").trim();
}

/** Whether each word typed begins a word of the label. */
function matches(label, typed) {
  const words = label.split(/[^\p{L}\p{N}]+/u);
  return typed.split(/[^\p{L}\p{N}]+/u).every((part) => words.some((word) => word.startsWith(part)));
}

function made(tag, attributes) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

class TypeAhead {
  constructor(select) {
    this.select = select;
    this.words = select.dataset;
    this.name = select.id;
    this.options = [...select.options]
      .filter((option) => option.value !== "")
      .map((option, turn) => ({
        value: option.value,
        option, // other answers on the page may take it away
        label: option.text.trim(),
        plain: plain(option.text),
        // "hill", "kings" and "s" begin words of "King's Hill"; "ivoire" begins one of "Côte d'Ivoire".
        search: `${plain(option.text)} ${plain(option.text, " ")}`,
        item: this.item(option.text.trim(), turn),
      }));
    this.shown = [];
    this.active = -1;
    this.timer = 0;
    this.build();
    this.listen();
    this.show(select.selectedOptions[0]?.value ? select.selectedOptions[0].text.trim() : this.unmatched());
  }

  item(label, turn) {
    const item = made("li", {
      class: "app-type-ahead__option",
      id: `${this.name}-option-${turn}`,
      role: "option",
      "aria-selected": "false",
    });
    item.textContent = label;
    return item;
  }

  build() {
    const { select, name } = this;
    const hint = made("span", { class: "govuk-visually-hidden", id: `${name}-search-hint` });
    hint.textContent = this.words.appSearch;
    const described = [select.getAttribute("aria-describedby"), hint.id].filter(Boolean).join(" ");
    const wrong = select.classList.contains("govuk-select--error") ? " govuk-input--error" : "";
    this.box = made("input", {
      class: `govuk-input app-type-ahead__box${wrong}`,
      id: name,
      type: "text",
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": `${name}-list`,
      "aria-expanded": "false",
      "aria-describedby": described,
      autocomplete: "off",
      autocapitalize: "none",
      spellcheck: "false",
    });
    this.list = made("ul", { class: "app-type-ahead__list", id: `${name}-list`, role: "listbox" });
    this.list.setAttribute("aria-label", select.labels[0]?.textContent.trim() ?? "");
    this.list.hidden = true;
    this.status = made("p", { class: "govuk-visually-hidden", role: "status" });
    this.none = made("p", { class: "govuk-hint app-type-ahead__none" });
    this.none.textContent = this.words.appNone;
    this.none.hidden = true;
    this.place = made("div", { class: "app-type-ahead" });
    // The label is for the box from now on, and so are links to the question.
    select.id = `${name}-select`;
    select.hidden = true;
    this.place.append(hint, this.box, this.list, this.none, this.status);
    select.after(this.place);
  }

  listen() {
    const { box, list, select } = this;
    box.addEventListener("input", () => this.typed());
    box.addEventListener("keydown", (event) => this.pressed(event));
    box.addEventListener("click", () => this.open());
    box.addEventListener("blur", () => this.left());
    // The box keeps the focus while an option is pressed.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const turn = this.shown.findIndex((option) => option.item === event.target.closest("li"));
      if (turn >= 0) this.choose(this.shown[turn]);
    });
    select.form?.addEventListener("formdata", (event) => {
      if (select.value === "" && box.value.trim() !== "") event.formData.set(select.name, box.value.trim());
    });
    window.addEventListener("pageshow", () => {
      const chosen = select.selectedOptions[0];
      if (chosen?.value) this.show(chosen.text.trim());
    });
  }

  /** What was typed before and is no option. */
  unmatched() {
    return this.words.appTyped;
  }

  show(text) {
    this.box.value = text;
    this.tellNone();
  }

  typed() {
    const typed = plain(this.box.value);
    const same = this.offered().filter((option) => option.plain === typed);
    // Of several that differ in an accent alone, the one that was typed to the letter.
    const exact = same.length === 1 ? same[0] : same.find((option) => option.label === this.box.value.trim());
    this.set(exact?.value ?? "");
    this.open(typed);
  }

  offered() {
    return this.options.filter(({ option }) => !option.disabled);
  }

  /** Opens the list with the options that match: all of them where one is chosen already, so that another can be. */
  open(typed = this.select.value === "" ? plain(this.box.value) : "") {
    const offered = this.offered();
    const found = typed === "" ? offered : offered.filter((option) => matches(option.search, typed));
    // Those that begin with what was typed come first.
    this.shown = [
      ...found.filter((option) => option.plain.startsWith(typed)),
      ...found.filter((option) => !option.plain.startsWith(typed)),
    ];
    this.list.replaceChildren(...this.shown.map((option) => option.item));
    this.list.hidden = this.shown.length === 0;
    this.box.setAttribute("aria-expanded", String(this.shown.length > 0));
    this.mark(typed === "" ? this.shown.findIndex((option) => option.value === this.select.value) : -1);
    this.tell();
  }

  close() {
    this.list.hidden = true;
    this.box.setAttribute("aria-expanded", "false");
    this.mark(-1);
    clearTimeout(this.timer);
    this.status.textContent = "";
  }

  mark(turn) {
    this.shown[this.active]?.item.setAttribute("aria-selected", "false");
    this.active = turn;
    const option = this.shown[turn];
    if (option === undefined) {
      this.box.removeAttribute("aria-activedescendant");
      return;
    }
    option.item.setAttribute("aria-selected", "true");
    this.box.setAttribute("aria-activedescendant", option.item.id);
    option.item.scrollIntoView({ block: "nearest" });
  }

  pressed(event) {
    const isOpen = !this.list.hidden;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        event.preventDefault();
        if (!isOpen) this.open();
        else this.step(event.key === "ArrowDown" ? 1 : -1);
        break;
      case "Enter":
        if (!isOpen) break;
        // Else it would post the page with an answer half chosen.
        event.preventDefault();
        if (this.active >= 0) this.choose(this.shown[this.active]);
        else if (this.shown.length === 1) this.choose(this.shown[0]);
        break;
      case "Tab":
        if (isOpen && this.active >= 0) this.choose(this.shown[this.active]);
        break;
      case "Escape":
        if (isOpen) {
          event.preventDefault();
          this.close();
        }
        break;
    }
  }

  step(by) {
    const many = this.shown.length;
    if (many > 0) this.mark(this.active < 0 ? (by > 0 ? 0 : many - 1) : (this.active + by + many) % many);
  }

  choose(option) {
    this.show(option.label);
    this.set(option.value);
    this.close();
    this.tellNone();
  }

  /** Keeps the answer in the select, and lets the page know as if it had been chosen there. */
  set(value) {
    if (this.select.value === value) return;
    this.select.value = value;
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  left() {
    this.close();
    if (this.box.value.trim() === "") this.set("");
    this.tellNone();
  }

  /** Says beside the box that what stands in it is no option; while the list is open the list says enough. */
  tellNone() {
    this.none.hidden = this.select.value !== "" || this.box.value.trim() === "" || !this.list.hidden;
  }

  tell() {
    clearTimeout(this.timer);
    const many = this.shown.length;
    const said = many === 1 ? this.words.appOne : this.words.appSeveral.replace("{count}", String(many));
    this.timer = setTimeout(() => {
      this.status.textContent = many === 0 ? this.words.appNone : said;
    }, SAID_AFTER_MS);
    this.none.hidden = many > 0;
  }
}

export function startTypeAheads() {
  for (const select of document.querySelectorAll("select[data-app-type-ahead]")) new TypeAhead(select);
}
