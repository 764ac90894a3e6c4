// Runs modules for tests/tools/node.py: a line {module, version, payload} in, a line {result} or {error} out.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

// Standard output is for answers alone.
console.log = console.info = console.debug = console.error;

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    const { module, version, payload } = JSON.parse(line);
    // The file's age is part of its address, so that a changed file is read again.
    const { default: run } = await import(`${pathToFileURL(module)}?version=${version}`);
    reply = { result: (await run(payload)) ?? null };
  } catch (error) {
    reply = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(JSON.stringify(reply) + "\n");
}
