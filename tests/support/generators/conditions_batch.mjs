// The truth of conditions by the browser's own module: {module, cases: [[tree, values, item, today], …]} → truths.
import { pathToFileURL } from "node:url";

export default async function run({ module, cases }) {
  const { evaluate } = await import(pathToFileURL(module));
  return cases.map(([tree, values, item, today]) => evaluate(tree, values, item, today));
}
