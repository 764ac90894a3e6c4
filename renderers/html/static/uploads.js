// Files go to the server as soon as they are chosen, one after another, and the page says how far each has come.
//
// What has arrived stands in the list with its id, as after a post; the page's own post then only names it. Without
// this script, and where the network fails, the files go with the page itself.

function made(tag, attributes = {}, text = "") {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

class Uploads {
  constructor(place, waiting) {
    this.place = place;
    this.words = place.dataset;
    this.waiting = waiting;
    this.input = place.querySelector("input[type=file]");
    this.list = place.querySelector(".app-files");
    this.status = place.querySelector("[role=status]");
    this.form = this.input.form;
    this.input.addEventListener("change", () => this.take([...this.input.files]));
    this.list.addEventListener("click", (event) => this.pressed(event));
  }

  /** Sends the files one after another. Those that could not be sent stay chosen, and go with the page. */
  take(files) {
    if (files.length > 0) this.forgive();
    for (const failed of this.list.querySelectorAll("[data-app-failed-file]")) failed.remove();
    this.waiting.add(this.running = this.sendAll(files));
  }

  async sendAll(files) {
    const unsent = new DataTransfer();
    for (const file of files) {
      const first = file === files[0];
      if (file.size > Number(this.words.appMostBytes)) await this.refuse(file, first);
      else if (!(await this.send(file, first))) unsent.items.add(file);
    }
    this.input.files = unsent.files;
    if (this.list.children.length === 0) this.list.hidden = true;
    return unsent.files.length === 0;
  }

  /** Whether the server has the file, or will not have it; else the network failed. */
  async send(file, first) {
    const row = made("li", { class: "app-files__file" });
    const bar = made("progress", { max: "100", value: "0", "aria-label": this.said("appUploading", file.name) });
    row.append(made("span", { class: "app-files__name" }, file.name), bar);
    this.list.append(row);
    this.list.hidden = false;
    this.say(this.said("appUploading", file.name));
    const answer = await this.post({ file }, first, (percent) => (bar.value = percent));
    if (answer.id === undefined) {
      this.fail(row, answer.error ?? this.said("appFailed", file.name));
      return answer.error !== undefined;
    }
    if (!this.input.multiple) this.clear(row);
    row.replaceChildren(...this.row(answer));
    this.say([this.said("appUploaded", answer.name), answer.said].filter(Boolean).join(". "));
    this.changed();
    return true;
  }

  /** The server's answer: the file as it is kept, or an error in words; nothing of either where it did not come. */
  post(sent, first, told) {
    const body = new FormData();
    body.set("field", this.words.appField);
    if (first) body.set("first", "1");
    for (const [name, value] of Object.entries(sent)) body.set(name, value);
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.words.appUpload);
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("X-CSRF-Token", this.form.elements.csrf.value);
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) told((100 * event.loaded) / event.total);
      });
      request.addEventListener("loadend", () => resolve(answerOf(request)));
      request.send(body);
    });
  }

  /** What stands in the list of a file that was taken: the same as after a post. */
  row({ id, name, size, said, waits }) {
    const keep = made("input", { type: "hidden", name: `${this.words.appField}-keep`, value: id });
    // Nobody is given a file that waits for the virus check.
    const link = waits
      ? made("span", { class: "app-files__label" }, name)
      : made("a", { class: "govuk-link app-files__label", href: `${this.words.appUpload}/${id}` }, name);
    const names = made("span", { class: "app-files__name" });
    names.append(link, " ", made("span", { class: "app-files__size" }, `(${size})`));
    const remove = made(
      "button",
      {
        type: "submit",
        class: "app-link-button",
        name: "-action",
        value: `remove_file:${this.words.appField}:${id}`,
        formnovalidate: "",
      },
      this.words.appRemove,
    );
    remove.append(made("span", { class: "govuk-visually-hidden" }, ` ${name}`));
    return [keep, names, ...(said ? [made("span", { class: "app-files__said" }, said)] : []), remove];
  }

  /** A file that need not be sent to know that it is too large; the server remembers that it was refused. */
  async refuse(file, first) {
    const row = made("li", { class: "app-files__file" });
    this.list.append(row);
    this.list.hidden = false;
    this.fail(row, this.said("appTooLarge", file.name));
    await this.post({ too_large: file.name }, first, () => {});
  }

  /** What the page says of files that were not taken is over when another is chosen. */
  forgive() {
    if (this.words.appRefused === undefined) return;
    delete this.place.dataset.appRefused;
    this.place.classList.remove("govuk-form-group--error");
    this.input.classList.remove("govuk-file-upload--error");
    const error = document.getElementById(`${this.input.id}-error`);
    const ids = this.input.getAttribute("aria-describedby").split(" ");
    this.input.setAttribute("aria-describedby", ids.filter((id) => id !== error?.id).join(" "));
    error?.remove();
    for (const summary of document.querySelectorAll(".govuk-error-summary")) {
      for (const link of summary.querySelectorAll("a")) {
        if (link.getAttribute("href") === `#${this.input.id}`) link.closest("li").remove();
      }
      if (summary.querySelector("li") === null) summary.remove();
    }
  }

  fail(row, text) {
    row.dataset.appFailedFile = "";
    row.replaceChildren(made("p", { class: "govuk-error-message" }, text));
    this.say(text);
  }

  /** A question for one file: the new one takes the place of the others. */
  clear(but) {
    for (const row of [...this.list.children]) if (row !== but) this.drop(row);
  }

  pressed(event) {
    const button = event.target.closest("button[name='-action']");
    if (button === null) return;
    event.preventDefault();
    const row = button.closest("li");
    const name = row.querySelector(".app-files__label").textContent;
    this.drop(row);
    if (this.list.children.length === 0) this.list.hidden = true;
    this.say(this.said("appRemoved", name));
    this.input.focus();
    this.changed();
  }

  /** Takes a file out of the answer. The server lets go of it now, or where the answer is kept when the page is. */
  drop(row) {
    const id = row.querySelector("input[type=hidden]")?.value;
    row.remove();
    if (id === undefined) return;
    const headers = { Accept: "application/json", "X-CSRF-Token": this.form.elements.csrf.value };
    const address = `${this.words.appUpload}/${id}/remove`;
    // Whether it arrives does not matter: a file that no answer names is let go of in any case.
    fetch(address, { method: "POST", headers, keepalive: true }).catch(() => {});
  }

  changed() {
    this.list.dispatchEvent(new Event("change", { bubbles: true }));
  }

  said(name, file) {
    return this.words[name].replace("{file}", file);
  }

  say(text) {
    this.status.textContent = text;
  }
}

function answerOf(request) {
  if (request.status !== 201 && request.status !== 422) return {};
  try {
    return JSON.parse(request.responseText);
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Files on their way: the page is posted when they have arrived. */
class Waiting {
  constructor(form) {
    this.form = form;
    this.running = new Set();
    this.held = false;
    // First of all listeners, so that nobody believes that the page is being left.
    form.addEventListener("submit", (event) => this.hold(event), { capture: true });
  }

  add(upload) {
    this.running.add(upload);
    upload.finally(() => this.running.delete(upload));
  }

  async hold(event) {
    if (this.running.size === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.held) return;
    this.held = true;
    const status = this.form.querySelector("[data-app-upload] [role=status]");
    status.textContent = status.closest("[data-app-upload]").dataset.appWait;
    const arrived = await Promise.all(this.running);
    this.held = false;
    const failed = this.form.querySelector("[data-app-failed-file]") !== null;
    if (!arrived.every(Boolean) || failed) return;
    if (event.submitter === null) this.form.requestSubmit();
    else this.form.requestSubmit(event.submitter);
  }
}

export function startUploads() {
  const places = [...document.querySelectorAll("[data-app-upload]")];
  const form = places[0].querySelector("input[type=file]").form;
  const waiting = new Waiting(form);
  for (const place of places) new Uploads(place, waiting);
}
