// ajv's first complaint about each of {schema, instances}, null where an instance is valid.
import { Ajv2020 } from "ajv/dist/2020.js";

const MAX_KEPT = 50;
const compiled = new Map(); // schema text → {schema, check}, oldest first

// One instance for all, since making one costs far more than compiling a schema.
const ajv = new Ajv2020({
  strict: true,
  // A schema in `if` or `not` need not repeat the type or the properties that stand outside it.
  strictTypes: false,
  strictRequired: false,
  strictTuples: false,
  // Not taken in by a property called `toString`.
  ownProperties: true,
  // Two schemas may have the same $id.
  addUsedSchema: false,
});

// Notes of our own that say nothing about validity: x-check and its like.
function* extensionKeywords(node) {
  if (node === null || typeof node !== "object") return;
  for (const [key, value] of Object.entries(node)) {
    if (!Array.isArray(node) && key.startsWith("x-")) yield key;
    else yield* extensionKeywords(value);
  }
}

function validator(schema) {
  const text = JSON.stringify(schema);
  if (!compiled.has(text)) {
    for (const keyword of extensionKeywords(schema)) {
      if (!ajv.getKeyword(keyword)) ajv.addKeyword({ keyword });
    }
    if (compiled.size >= MAX_KEPT) forgetOldest();
    compiled.set(text, { schema, check: ajv.compile(schema) });
  }
  return compiled.get(text).check;
}

function forgetOldest() {
  const [text, { schema }] = compiled.entries().next().value;
  ajv.removeSchema(schema);
  compiled.delete(text);
}

export default function validate({ schema, instances }) {
  const check = validator(schema);
  return instances.map((instance) => {
    if (check(instance)) return null;
    const [{ instancePath, message }] = check.errors;
    return `${instancePath} ${message}`.trim();
  });
}
