// A page of a form that a service keeps: what is typed is saved, and the page ends when its time is over.

import { Autosave, Outcome } from "./autosave.js";
import { Timeout } from "./timeout.js";

export function startJourney(form) {
  let timeout = null;
  const autosave = new Autosave(form, (outcome) => {
    if (outcome === Outcome.SAVED) timeout.lives(Date.now(), { tell: true });
  });
  timeout = new Timeout(form, autosave);
  autosave.start();
  timeout.start();
  // The dialog says in time what this paragraph says beforehand.
  for (const said of document.querySelectorAll("[data-app-times]")) said.hidden = true;
}
