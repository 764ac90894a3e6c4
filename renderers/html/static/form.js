// What a page does better with JavaScript. Without it every question can be answered all the same.

import { startReveals } from "./reveals.js";

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
