// Solves the human test's puzzle: ALTCHA's proof of work, version 2 with PBKDF2, on the browser's own cryptography.
// Guesses are made one after the other in small rounds, so that the page stays usable; no worker and no markup are
// made, so that it runs under the strictest content policy. The page says what to show in `data-` attributes.

const GUESSES_A_ROUND = 8;
// A screen reader that was told every percent would say nothing else.
const TOLD_EVERY_PERCENT = 25;

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

// What is derived from one guess: the nonce with the guess behind it as four bytes, the first the most significant.
async function derived(parameters, nonce, salt, guess) {
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  new DataView(password.buffer).setUint32(nonce.length, guess);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: parameters.algorithm.split("/")[1], salt, iterations: parameters.cost };
  return hexOf(new Uint8Array(await crypto.subtle.deriveBits(how, key, parameters.keyLength * 8)));
}

// The first guess whose key begins as the puzzle says; `tell` hears how many were made. Throws where there is none.
async function solve(parameters, most, tell) {
  const nonce = bytesOf(parameters.nonce);
  const salt = bytesOf(parameters.salt);
  for (let first = 0; first <= most; first += GUESSES_A_ROUND) {
    const guesses = Array.from({ length: GUESSES_A_ROUND }, (_, at) => first + at);
    const keys = await Promise.all(guesses.map((guess) => derived(parameters, nonce, salt, guess)));
    const found = keys.findIndex((key) => key.startsWith(parameters.keyPrefix));
    if (found >= 0) return { counter: guesses[found], derivedKey: keys[found] };
    tell(guesses.at(-1));
  }
  throw new Error("no guess fits the puzzle");
}

function start(form) {
  const progress = form.querySelector("[data-human-progress]");
  const puzzle = JSON.parse(form.dataset.puzzle);
  const most = Number(form.dataset.mostGuesses);
  let told = -1;
  let working = false;

  function tell(guesses) {
    const percent = Math.min(100, Math.floor((100 * guesses) / most / TOLD_EVERY_PERCENT) * TOLD_EVERY_PERCENT);
    if (percent === told) return;
    told = percent;
    progress.textContent = form.dataset.working.replace("%%", String(percent));
  }

  // Without scripts the other way stands open; with them it is folded away, unless the person is on it.
  const byEmail = document.querySelector("[data-human-email]");
  byEmail.open = byEmail.dataset.humanEmail === "asked";
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.solution.value !== "") return;
    event.preventDefault();
    if (working) return;
    working = true;
    tell(0);
    try {
      const solution = await solve(puzzle.parameters, most, tell);
      // What the puzzle and its solution hold is ASCII, which is what btoa takes.
      form.elements.solution.value = btoa(JSON.stringify({ challenge: puzzle, solution }));
      progress.textContent = form.dataset.solved;
      form.submit();
    } catch {
      fail();
    }
  });

  function fail() {
    progress.textContent = form.dataset.failed;
    byEmail.open = true;
    form.querySelector("button").hidden = true;
  }

  // Only secure pages have it; without it there is nothing to wait for.
  if (globalThis.crypto?.subtle === undefined) fail();
}

for (const form of document.querySelectorAll("form[data-human-test]")) start(form);
