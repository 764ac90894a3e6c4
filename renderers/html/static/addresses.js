// Finds addresses by postcode without leaving the page. The buttons do the same by posting it.

const PARTS = ["house", "street", "town", "postcode"];

function made(tag, attributes = {}, text = "") {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

class AddressSearch {
  constructor(place) {
    this.place = place;
    this.words = place.dataset;
    this.path = place.dataset.appPath;
    this.said = place.querySelector("[role=status]");
    this.buttons = place.querySelector(".app-address__buttons");
    this.found = [];
    place.addEventListener("click", (event) => this.pressed(event));
  }

  part(name) {
    return document.getElementById(`${this.path}.${name}`);
  }

  pressed(event) {
    const button = event.target.closest("button");
    const [action] = button?.value.split(":") ?? [];
    const does = { find_address: () => this.find(), use_address: () => this.use(), reset_address: () => this.reset() };
    // A list that the server drew is for the server: its button posts the page.
    if (does[action] === undefined || (action === "use_address" && this.found.length === 0)) return;
    event.preventDefault();
    does[action]();
  }

  async find() {
    this.say(this.words.appSearching);
    const answer = await this.ask();
    this.found = answer?.addresses ?? [];
    this.list(answer?.chosen ?? "");
    this.say(answer?.message ?? this.words.appFailed);
    this.button("find_address").textContent = this.words.appAgain;
    if (this.found.length > 0) document.getElementById(this.words.appFound).focus();
    else this.part("postcode").focus();
  }

  /** The server's answer; null where there is none. */
  async ask() {
    const form = this.part("postcode").form;
    const body = new FormData();
    for (const name of ["house", "postcode"]) body.set(name, this.part(name)?.value ?? "");
    const headers = { Accept: "application/json", "X-CSRF-Token": form.elements.csrf.value };
    try {
      const response = await fetch(this.words.appAddress, { method: "POST", body, headers, redirect: "error" });
      return response.ok ? await response.json() : null;
    } catch (error) {
      if (error instanceof TypeError || error instanceof SyntaxError) return null;
      throw error;
    }
  }

  /** Puts the addresses in a list to choose from, in place of the one before; none, no list. */
  list(chosen) {
    this.place.querySelector(".app-address__found")?.remove();
    this.button("use_address")?.remove();
    if (this.found.length === 0) return;
    const id = this.words.appFound;
    const select = made("select", { class: "govuk-select", id });
    if (chosen === "") select.append(made("option", { value: "" }, this.words.appNoneChosen));
    for (const { code, label } of this.found) {
      const option = made("option", { value: code }, label);
      option.selected = code === chosen;
      select.append(option);
    }
    const group = made("div", { class: "govuk-form-group app-address__found" });
    group.append(made("label", { class: "govuk-label", for: id }, this.words.appChoose), select);
    this.buttons.before(group);
    const value = `use_address:${this.path}`;
    this.buttons.prepend(made("button", { type: "button", class: "govuk-button", value }, this.words.appUse));
  }

  use() {
    const select = document.getElementById(this.words.appFound);
    const address = this.found.find(({ code }) => code === select.value);
    if (address === undefined) {
      select.focus();
      return;
    }
    this.fill(address.parts);
    this.found = [];
    this.list("");
    this.say(this.words.appFilled);
    this.part("house").focus();
  }

  reset() {
    this.fill({});
    this.found = [];
    this.list("");
    this.say(this.words.appCleared);
    this.part("house").focus();
  }

  fill(parts) {
    for (const name of PARTS) {
      const box = this.part(name);
      if (box === null) continue;
      box.value = parts[name] ?? "";
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  button(action) {
    return this.place.querySelector(`button[value^="${action}:"]`);
  }

  say(text) {
    this.said.hidden = false;
    this.said.textContent = text;
  }
}

export function startAddressSearches() {
  for (const place of document.querySelectorAll("[data-app-address]")) new AddressSearch(place);
}
