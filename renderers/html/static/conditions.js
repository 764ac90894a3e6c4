// Evaluates conditions in the browser: the third execution of the expression language, beside formengine's Python
// closures and its JSON Schema. It reads the tree that formengine.language.expressions.to_json writes (version 1, described
// there) and knows nothing of the page. No dependencies, no generated code: it runs under a strict content policy.

export const TREE_VERSION = 1;

/**
 * Whether the condition `tree` is true, false or unknown (null).
 *
 * `values` holds the valid, relevant answers by key, `item` those of the current item (null outside items), `today` the
 * day as "2026-09-01". A missing answer's key is absent. A list is an array of items, empty when there are none.
 */
export function evaluate(tree, values, item, today) {
  if (tree === null || typeof tree === "boolean") return tree;
  const node = NODES[tree.op];
  if (node === undefined) throw new Error(`unknown operator: ${tree.op}`);
  return node(tree, values, item, today);
}

const COMPARE = {
  lt: (left, right) => left < right,
  le: (left, right) => left <= right,
  gt: (left, right) => left > right,
  ge: (left, right) => left >= right,
  eq: (left, right) => left === right,
};

const NODES = {
  __proto__: null,
  and(tree, values, item, today) {
    let result = true;
    for (const part of tree.parts) {
      const truth = evaluate(part, values, item, today);
      if (truth === false) return false;
      if (truth === null) result = null;
    }
    return result;
  },
  or(tree, values, item, today) {
    let result = false;
    for (const part of tree.parts) {
      const truth = evaluate(part, values, item, today);
      if (truth === true) return true;
      if (truth === null) result = null;
    }
    return result;
  },
  not: (tree, values, item, today) => not(evaluate(tree.part, values, item, today)),
  answered: (tree, values, item) => read(tree.answer, values, item) !== undefined,
  ticked: (tree, values, item) => read(tree.answer, values, item) !== undefined,
  is: one((value, tree) => tree.values.includes(value)),
  includes: one((ticked, tree) => tree.codes.some((code) => ticked.includes(code))),
  starts_with: one((text, tree) => text.startsWith(tree.prefix)),
  number: one((number, tree) => COMPARE[tree.order](number, tree.value)),
  date: one((written, tree, today) => {
    const day = typeof tree.day === "string" ? tree.day : cut(tree.day, today);
    return tree.answer.kind === "partial_date"
      ? comparePartial(tree.order, written, day)
      : COMPARE[tree.order](written, day);
  }),
  any: (tree, values, item, today) => anyOf(tree, values, today, (truth) => truth),
  none: (tree, values, item, today) => not(anyOf(tree, values, today, (truth) => truth)),
  all: (tree, values, item, today) => not(anyOf(tree, values, today, not)),
  count,
  same(tree, values, item) {
    const value = read(tree.answer, values, item);
    const other = read(tree.other, values, item);
    return value === undefined || other === undefined ? null : value === other;
  },
  answers(tree, values, item) {
    const value = read(tree.answer, values, item);
    const other = read(tree.other, values, item);
    return value === undefined || other === undefined ? null : compareAnswers(tree, value, other);
  },
};

function not(truth) {
  return truth === null ? null : !truth;
}

/** The answer an operand names, or undefined while it is missing. Only own members count: ids are free. */
function read(answer, values, item) {
  const source = answer.list === undefined ? values : item;
  return Object.hasOwn(source, answer.key) ? source[answer.key] : undefined;
}

/** A test of one answer, unknown while it is missing. */
function one(test) {
  return (tree, values, item, today) => {
    const value = read(tree.answer, values, item);
    return value === undefined ? null : test(value, tree, today);
  };
}

/** Whether `judge` holds of the truth of any item. */
function anyOf(tree, values, today, judge) {
  if (!Object.hasOwn(values, tree.list)) return null;
  let result = false;
  for (const each of values[tree.list]) {
    const truth = judge(evaluate(tree.where, values, each, today));
    if (truth === true) return true;
    if (truth === null) result = null;
  }
  return result;
}

/** Counts between the items that are true and those that are not false. */
function count(tree, values, item, today) {
  if (!Object.hasOwn(values, tree.list)) return null;
  let low = 0;
  let high = 0;
  for (const each of values[tree.list]) {
    const truth = tree.where === undefined ? true : evaluate(tree.where, values, each, today);
    if (truth === true) low += 1;
    if (truth !== false) high += 1;
  }
  if (tree.order === "eq") {
    if (tree.number < low || tree.number > high) return false;
    return low === high ? true : null;
  }
  const ofLow = COMPARE[tree.order](low, tree.number);
  return ofLow === COMPARE[tree.order](high, tree.number) ? ofLow : null;
}

// --- days: ISO texts compare as texts; "" and "~" stand before and after all of them -----------------------------

const DAYS_OF_MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MILLISECONDS_OF_A_DAY = 86_400_000;

function daysOfMonth(year, month) {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && leap ? 29 : DAYS_OF_MONTHS[month - 1];
}

function iso(year, month, day) {
  if (year < 1) return "";
  if (year > 9999) return "~";
  const pad = (number, width) => String(number).padStart(width, "0");
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** The day `amount` units after `written`; months and years keep the day of the month, cut to the month's last. */
function shifted(written, amount, unit) {
  const [year, month, day] = written.split("-").map(Number);
  if (unit === "months" || unit === "years") {
    const months = year * 12 + month - 1 + amount * (unit === "years" ? 12 : 1);
    const toYear = Math.floor(months / 12);
    const toMonth = months - toYear * 12 + 1;
    return iso(toYear, toMonth, Math.min(day, daysOfMonth(toYear, toMonth)));
  }
  const moved = new Date(0);
  moved.setUTCFullYear(year, month - 1, day);
  moved.setTime(moved.getTime() + amount * (unit === "weeks" ? 7 : 1) * MILLISECONDS_OF_A_DAY);
  return iso(moved.getUTCFullYear(), moved.getUTCMonth() + 1, moved.getUTCDate());
}

function cut(day, today) {
  return shifted(today, day.direction === "ago" ? -day.amount : day.amount, day.unit);
}

/** The first and last day of "2026-09-01", "2026-09" or "2026". */
function interval(written) {
  if (written.length === 10) return [written, written];
  if (written.length === 4) return [`${written}-01-01`, `${written}-12-31`];
  const [year, month] = written.split("-").map(Number);
  return [`${written}-01`, `${written}-${daysOfMonth(year, month)}`];
}

/** Compares an interval with a day: unknown where its days do not agree. */
function comparePartial(order, written, day) {
  const [first, last] = interval(written);
  if (order === "eq") {
    if (day < first || day > last) return false;
    return first === last ? true : null;
  }
  const ofFirst = COMPARE[order](first, day);
  return ofFirst === COMPARE[order](last, day) ? ofFirst : null;
}

function compareAnswers(tree, value, other) {
  if (tree.answer.kind === "number") return COMPARE[tree.order](value, other);
  const away = (day) => (tree.amount === undefined ? day : shifted(day, tree.amount, tree.unit));
  const [first, last] = interval(value);
  const [otherFirst, otherLast] = interval(other).map(away);
  // The comparison is monotone in both dates: its extremes stand at opposite ends of the two intervals.
  const truth = COMPARE[tree.order](first, otherLast);
  return truth === COMPARE[tree.order](last, otherFirst) ? truth : null;
}
