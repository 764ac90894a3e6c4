// What the browser reads of typed texts: {module, line, cases: [[reading, entered], …]} → ["value", …] | ["none"] | ["unsure"].
import { pathToFileURL } from "node:url";

export default async function run({ module, line, cases }) {
  const { read, UnsureError } = await import(pathToFileURL(module));
  return cases.map(([reading, entered]) => {
    try {
      const value = read(reading, line, entered);
      return value === undefined ? ["none"] : ["value", value];
    } catch (error) {
      if (!(error instanceof UnsureError)) throw error;
      return ["unsure"];
    }
  });
}
