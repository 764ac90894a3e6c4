// Warns before the session ends, and ends the page with it: what is typed is saved first, and nothing stays on screen.

import { Outcome, placeName } from "./autosave.js";

const MINUTE_MS = 60000;
const LOOK_EVERY_MS = 1000;
const TRY_AGAIN_MS = 10000;

export class Timeout {
  /** autosave: saves the page. Times are the form's own, in minutes. */
  constructor(form, autosave) {
    this.form = form;
    this.autosave = autosave;
    this.timeout = Number(form.dataset.appTimeoutMinutes) * MINUTE_MS;
    this.warn = Number(form.dataset.appWarnMinutes) * MINUTE_MS;
    this.dialog = document.getElementById("time-is-running-out");
    this.last = Date.now();
    this.ending = false;
    this.said = "";
    // Windows of one browser share a session: a sign of life in one of them counts for all.
    this.windows = new BroadcastChannel("session");
  }

  start() {
    this.windows.addEventListener("message", ({ data }) => this.lives(data, { tell: false }));
    this.dialog.querySelector("[data-app-stay]").addEventListener("click", () => this.stay());
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.stay();
    });
    document.addEventListener("visibilitychange", () => this.look());
    setInterval(() => this.look(), LOOK_EVERY_MS);
    this.lives(this.last, { tell: true });
  }

  /** The session was used at `moment`. */
  lives(moment, { tell }) {
    this.last = Math.max(this.last, moment);
    if (this.dialog.open && Date.now() < this.last + this.timeout - this.warn) this.dialog.close();
    if (tell) this.windows.postMessage(this.last);
  }

  look() {
    if (this.ending) return;
    const left = this.last + this.timeout - Date.now();
    if (left <= 0) {
      this.end();
    } else if (left <= this.warn) {
      if (!this.dialog.open) {
        this.said = "";
        this.dialog.showModal();
      }
      this.count(left);
    }
  }

  /** How long there is left: to be seen at any time, and said once a minute. */
  count(left) {
    const minutes = Math.ceil(left / MINUTE_MS);
    const { appOne, appOther, appSoon } = this.dialog.dataset;
    const text = left < MINUTE_MS ? appSoon : (minutes === 1 ? appOne : appOther).replace("MINUTES", minutes);
    if (text === this.said) return;
    // The first is read out with the dialog.
    if (this.said !== "") this.dialog.querySelector("[data-app-time-said]").textContent = text;
    this.dialog.querySelector("[data-app-time-left]").textContent = text;
    this.said = text;
  }

  async stay() {
    const headers = { Accept: "application/json", "X-CSRF-Token": this.form.elements.csrf.value };
    try {
      const response = await fetch("keep-alive", { method: "POST", headers, redirect: "error" });
      if (response.ok) this.lives(Date.now(), { tell: true });
      else if (response.status === 401) this.end();
    } catch (error) {
      // No network: the dialog stays, and the button can be pressed again.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Sends the page though the session is over: the server keeps it until the person has signed in again. */
  handIn() {
    const action = document.createElement("input");
    Object.assign(action, { type: "hidden", name: "-action", value: "stay" });
    this.form.append(action);
    this.form.submit();
  }

  async end() {
    this.ending = true;
    const outcome = await this.autosave.save({ ends: true });
    if (outcome === Outcome.FAILED) {
      // Leaving now would lose what is typed. The warning hides the page meanwhile.
      if (!this.dialog.open) this.dialog.showModal();
      setTimeout(() => this.end(), TRY_AGAIN_MS);
      return;
    }
    this.autosave.leaving = true;
    if (outcome === Outcome.SIGNED_OUT) this.handIn();
    else location.replace(`${this.form.dataset.appEnded}?at=${encodeURIComponent(placeName())}`);
  }
}
