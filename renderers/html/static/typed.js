// Reads what is entered as formengine's field types read it. It knows no type: each answer comes with its reading, which
// holds the type's own patterns and tables (`reading` of formengine.language.fields). What only the service can read is
// an UnsureError, never a guess. Nothing here knows the page.

/** What is said where something was entered that only the service can read. */
export class UnsureError extends Error {}

/**
 * The value that a condition sees, or undefined while there is none.
 *
 * `entered` holds the texts of the boxes by part ("" for the answer's own): of what is ticked or chosen, only that.
 * `line` is what all boxes of one line have alike. Throws UnsureError.
 */
export function read(reading, line, entered) {
  const reader = READERS[reading.by];
  if (reader === undefined) throw new UnsureError(reading.by);
  return reader(reading, entered, line);
}

const READERS = {
  __proto__: null,
  nobody: () => undefined,
  service: (_, entered, line) => {
    if (Object.values(entered).some((texts) => !isEmpty(texts, line))) throw new UnsureError("service");
    return undefined;
  },
  line: (reading, entered, line) => {
    const typed = oneLine(entered[""], line);
    return typed === "" ? undefined : fitting(reading, withScheme(reading, withoutStart(reading, typed)));
  },
  lines: ({ line_ends: ends, unseen }, entered, line) => {
    const text = lastOf(entered[""]).replace(/\r\n?/g, "\n");
    const kept = trimmedEnd(text.replace(all(ends), "\n").replace(all(unseen), ""), line.blank);
    const blank = kept.length - trimmedStart(kept, line.blank).length;
    return kept.slice(kept.slice(0, blank).lastIndexOf("\n") + 1) || undefined;
  },
  code: (reading, entered, line) => {
    const typed = plain(oneLine(entered[""], line));
    if (typed === "") return undefined;
    const code = typed.toUpperCase().replace(/[^A-Z0-9]/g, "");
    const space = (reading.spaces ?? []).find(([start]) => code.startsWith(start));
    return fitting(reading, space === undefined ? code : `${code.slice(0, space[1])} ${code.slice(space[1])}`);
  },
  time: ({ written, named }, entered, line) => {
    const typed = plain(oneLine(entered[""], line)).toLowerCase().replaceAll(" ", "");
    if (Object.hasOwn(named, typed)) return named[typed];
    const found = whole(written).exec(typed);
    if (found === null || (found[2] === undefined && found[3] === undefined)) return undefined;
    const [hour, minute, half] = [Number(found[1]), Number(found[2] ?? 0), (found[3] ?? "").slice(0, 1)];
    if (half !== "" && (hour < 1 || hour > 12)) return undefined;
    const ofDay = half === "" ? hour : (hour % 12) + (half === "p" ? 12 : 0);
    return ofDay < 24 && minute < 60 ? `${padded(ofDay, 2)}:${padded(minute, 2)}` : undefined;
  },
  number: (reading, entered, line) => number(reading, oneLine(entered[""], line)),
  date: (reading, entered, line) => {
    const typed = {};
    for (const part of reading.parts) {
      const text = oneLine(entered[part], line);
      if (text !== "") typed[part] = text;
    }
    const [, needed] = reading.needs.find(([part]) => part === null || part in typed);
    // Nothing typed, or a box left empty.
    return needed.every((part) => part in typed) ? date(reading, typed, needed) : undefined;
  },
  code_chosen: (reading, entered) => offered(reading, stripped(lastOf(entered[""]))),
  codes_chosen: (reading, entered) => {
    const codes = [...new Set((entered[""] ?? []).map(stripped).filter((code) => code !== ""))];
    return codes.length > 0 && codes.every((code) => offered(reading, code) !== undefined) ? codes : undefined;
  },
  kept_files: ({ keep }, entered) => {
    const kept = (entered[keep] ?? []).filter((id) => id !== "");
    if (kept.length > 0) return kept;
    // Whether a chosen file is taken shows when it has been sent.
    if ((entered[""] ?? []).some((name) => name !== "")) throw new UnsureError("file");
    return undefined;
  },
};

// --- texts -------------------------------------------------------------------------------------------------------------

const PATTERNS = new Map();

function pattern(source, flags) {
  const key = `${flags} ${source}`;
  if (!PATTERNS.has(key)) PATTERNS.set(key, new RegExp(source, flags));
  return PATTERNS.get(key);
}

const all = (source) => pattern(source, "gu");
const whole = (source) => pattern(`^(?:${source})$`, "u");

/** The last text sent; half a character would be sent as another one. */
function lastOf(texts) {
  const text = texts?.at(-1) ?? "";
  if (/\p{Surrogate}/u.test(text)) throw new UnsureError(text);
  return text;
}

function trimmedStart(text, characters) {
  let start = 0;
  while (start < text.length && characters.includes(text[start])) start += 1;
  return text.slice(start);
}

function trimmedEnd(text, characters) {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1])) end -= 1;
  return text.slice(0, end);
}

function oneLine(texts, { blank, to_space: toSpace, unseen }) {
  const seen = lastOf(texts).replace(all(toSpace), " ").replace(all(unseen), "");
  return trimmedStart(trimmedEnd(seen, blank), blank);
}

/** Whether nothing was entered in a box, or in several. */
export function isEmpty(texts, line) {
  return texts.every((text) => oneLine([text], line) === "");
}

/** A code as it was sent, without the blanks around it. */
function stripped(text) {
  if (/[\x1c-\x1f]/.test(text)) throw new UnsureError(text); // blank to Python alone
  return plain(text).trim();
}

/** The text, which has no figures, letters or dashes of other scripts but `known`: those only the service can read. */
function plain(text, known = "") {
  if (/[^\p{ASCII}]/u.test(text.replaceAll(known, ""))) throw new UnsureError(text);
  return text;
}

function withoutStart({ without }, text) {
  return without !== undefined && text.startsWith(without) ? text.slice(without.length) : text;
}

function withScheme({ scheme, usual_scheme: usual }, text) {
  if (scheme === undefined) return text;
  const found = pattern(`^(?:${scheme})`, "u").exec(text);
  return found === null ? usual + text : found[0].toLowerCase() + text.slice(found[0].length);
}

function fitting({ fits, refused }, text) {
  if (fits !== undefined && !whole(fits).test(text)) return undefined;
  return refused !== undefined && pattern(refused, "u").test(text) ? undefined : text;
}

function offered({ codes, fits }, code) {
  if (code === "") return undefined;
  return (codes === undefined ? whole(fits).test(code) : codes.includes(code)) ? code : undefined;
}

function padded(number, width) {
  return String(number).padStart(width, "0");
}

// --- numbers -----------------------------------------------------------------------------------------------------------

function number(reading, text) {
  if (text === "") return undefined;
  const typed = figures(reading, text);
  const found = whole(reading.written).exec(typed);
  if (found === null) return undefined;
  const { sign, whole: before, fraction: behind = "" } = found.groups;
  if (before === "" && behind === "") return undefined;
  if (reading.thousands !== null && whole(reading.thousands).test(typed)) return undefined;
  const places = behind.replace(/0+$/, "");
  if (places.length > reading.places) return undefined;
  const figuresBefore = before.replace(/[^0-9]/g, "") || "0";
  const size = BigInt(figuresBefore + places.padEnd(reading.places, "0"));
  if (size > BigInt(reading.largest)) return undefined;
  const value = reading.in_last_place ? Number(size) : Number(`${figuresBefore}.${places || "0"}`);
  return sign === "-" && value !== 0 ? -value : value;
}

/** What is typed without pounds and units, as a number is read. */
function figures({ signs = [], unit, unit_length: length }, text) {
  let left = text;
  for (const sign of signs) left = left.replace(sign, "");
  left = plain(left.trim(), "£"); // no unit reads it, and no number has it
  if (unit !== "" && left.toLowerCase().endsWith(unit)) left = left.slice(0, -length).trimEnd();
  return left.replaceAll("- ", "-").trim();
}

// --- dates -------------------------------------------------------------------------------------------------------------

const DAYS_OF_MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function date(reading, typed, needed) {
  const year = plain(typed.year);
  const month = needed.includes("month") ? monthOf(reading, plain(typed.month).toLowerCase()) : 1;
  const day = needed.includes("day") ? dayOf(reading, plain(typed.day).toLowerCase()) : 1;
  if (!whole(reading.year).test(year) || year === reading.no_year) return undefined;
  if (!(month >= 1 && month <= 12) || !(day >= 1 && day <= daysOf(Number(year), month))) return undefined;
  const written = { year, month: padded(month, 2), day: padded(day, 2) };
  return [...needed]
    .reverse()
    .map((part) => written[part])
    .join("-");
}

function monthOf({ month_figures: inFigures, months }, text) {
  if (whole(inFigures).test(text)) return Number(text);
  const name = text.replace(/[.]+$/, "");
  return Object.hasOwn(months, name) ? months[name] : Number.NaN;
}

function dayOf({ day }, text) {
  const found = whole(day).exec(text);
  return found === null ? Number.NaN : Number(found[1]);
}

function daysOf(year, month) {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && leap ? 29 : DAYS_OF_MONTHS[month - 1];
}
