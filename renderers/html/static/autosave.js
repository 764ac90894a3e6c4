// Saves what is typed while it is typed, so that at most a few seconds of it can be lost.

const QUIET_MS = 2000; // so long nothing is typed before it is saved
const AGAIN_MS = 15000; // so long until it is tried again when it could not be saved

/** What became of a save. */
export const Outcome = Object.freeze({ SAVED: "saved", CHANGED: "changed", SIGNED_OUT: "signed-out", FAILED: "failed" });
const OF_STATUS = { 401: Outcome.SIGNED_OUT, 404: Outcome.CHANGED, 409: Outcome.CHANGED, 410: Outcome.SIGNED_OUT };

/** The name of this page within the draft, as its address has it. */
export function placeName() {
  return decodeURIComponent(location.pathname.slice(location.pathname.lastIndexOf("/") + 1));
}

/** Whether a box holds something else than the page came with: typed before this ran, or put back by the browser. */
function isChanged(box) {
  if (box.type === "radio" || box.type === "checkbox") return box.checked !== box.defaultChecked;
  if (box.options !== undefined) {
    const usual = [...box.options].some((option) => option.defaultSelected);
    return usual ? [...box.options].some((option) => option.selected !== option.defaultSelected) : box.selectedIndex > 0;
  }
  return box.type !== "file" && box.defaultValue !== undefined && box.value !== box.defaultValue;
}

export class Autosave {
  /** form: the page's. told: called with each outcome. */
  constructor(form, told) {
    this.form = form;
    this.told = told;
    this.status = document.querySelector("[data-app-saved]");
    this.dirty = false;
    this.stopped = false;
    this.unreachable = false; // the last save met no network
    this.leaving = false;
    this.running = null;
    this.timer = 0;
  }

  start() {
    const typed = () => {
      this.dirty = true;
      this.later(QUIET_MS);
    };
    this.form.addEventListener("input", typed);
    this.form.addEventListener("change", typed);
    if ([...this.form.elements].some(isChanged)) typed();
    this.form.addEventListener("submit", (event) => this.wait(event));
    window.addEventListener("pagehide", () => this.parting());
    window.addEventListener("pageshow", (event) => {
      this.leaving = false;
      // A page from the browser's memory shows what was true then.
      if (event.persisted) location.reload();
    });
  }

  later(ms) {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.save(), ms);
  }

  /**
   * A post must bring the revision that a save on its way will make; so it waits for it. Without a network it would
   * take the page away, and what was typed with it; so it is tried with a save first.
   */
  async wait(event) {
    clearTimeout(this.timer);
    this.leaving = true;
    const tried = !this.stopped && (this.unreachable || !navigator.onLine);
    if (this.running === null && !tried) return;
    event.preventDefault();
    const button = event.submitter;
    if (tried) await this.save();
    else await this.running;
    if (tried && this.unreachable) {
      this.leaving = false;
      this.status.textContent = this.status.dataset.appNotReachedText;
      return;
    }
    if (button === null) this.form.requestSubmit();
    else this.form.requestSubmit(button);
  }

  /** Saves at once. ends: the session is over with it. */
  async save({ ends = false } = {}) {
    if (this.stopped && !ends) return Outcome.FAILED;
    if (this.running !== null) await this.running;
    clearTimeout(this.timer);
    this.dirty = false;
    this.running = this.post(ends);
    const outcome = await this.running;
    this.running = null;
    if (outcome === Outcome.FAILED) {
      this.dirty = true;
      this.later(AGAIN_MS);
    } else if (outcome !== Outcome.SAVED) {
      this.stopped = true;
    }
    this.say(outcome);
    this.told(outcome);
    return outcome;
  }

  async post(ends) {
    const body = this.body();
    if (ends) body.set("-ends", "1");
    const headers = { Accept: "application/json", "X-CSRF-Token": this.value("csrf") };
    try {
      const response = await fetch("autosave", { method: "POST", body, headers, redirect: "manual" });
      this.unreachable = false;
      if (!response.ok) return OF_STATUS[response.status] ?? Outcome.FAILED;
      this.keep(await response.json());
      return Outcome.SAVED;
    } catch (error) {
      // No network, or an answer that was cut off.
      this.unreachable = error instanceof TypeError;
      if (this.unreachable || error instanceof SyntaxError) return Outcome.FAILED;
      throw error;
    }
  }

  /** All that a press of a button would send, but for files: they are sent once, with the button. */
  body() {
    const body = new FormData(this.form);
    for (const [name, value] of [...body.entries()]) {
      if (value instanceof File) body.delete(name);
    }
    body.set("-place", placeName());
    return body;
  }

  /** What the next post brings back. An entry that was new has an address of its own from now on. */
  keep({ rev, base, place }) {
    this.form.elements.rev.value = rev;
    this.form.elements.base.value = base;
    if (place !== placeName()) history.replaceState(history.state, "", place);
  }

  say(outcome) {
    const words = this.status.dataset;
    const texts = {
      [Outcome.SAVED]: words.appSavedText,
      [Outcome.CHANGED]: words.appChangedText,
      [Outcome.SIGNED_OUT]: words.appSignedOutText,
      [Outcome.FAILED]: words.appUnsavedText,
    };
    this.status.textContent = texts[outcome];
    if (outcome === Outcome.SAVED && this.dirty) this.status.textContent = "";
  }

  /** The page is left by a link: what was typed last goes along without waiting for an answer. */
  parting() {
    if (this.dirty && !this.leaving && !this.stopped) navigator.sendBeacon("autosave", this.body());
  }

  value(name) {
    return this.form.elements[name].value;
  }
}
