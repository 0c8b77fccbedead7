// Runs every static check, as many at a time as there are cores, and reports each by name; names as arguments pick some of them.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";

const root = join(import.meta.dirname, "..");
const bin = join(root, "node_modules/.bin");
// The tools' own `#!/usr/bin/env node` finds the pinned Node first, whichever Node runs this file.
const color = process.stdout.isTTY ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" };
const env = { ...process.env, PATH: bin + delimiter + process.env.PATH, ...color };

const checks = [
  { name: "types", command: ["tsc", "--project", "tsconfig.json"] },
  { name: "lint", command: ["oxlint", "--type-aware", "--deny-warnings"] },
  { name: "format", command: ["prettier", "--check", "--log-level", "warn", "."] },
  { name: "unused", command: ["knip", "--no-progress"] },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !checks.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(
    `check: no check is called ${unknown.join(", ")}; there are: ${checks.map(({ name }) => name).join(", ")}`,
  );
  process.exit(2);
}

const queue = checks.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const failed = [];
await Promise.all(Array.from({ length: availableParallelism() }, runQueue));
if (failed.length > 0) console.error(`check: failed: ${failed.join(", ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;

async function runQueue() {
  for (let check = queue.shift(); check; check = queue.shift()) await runCheck(check);
}

async function runCheck({ name, command }) {
  const startedAt = performance.now();
  const { code, output } = await run(command);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${name.padEnd(7)} ${seconds} s`);
  if (code === 0) return;
  failed.push(name);
  console.log(output.trimEnd());
}

function run([tool, ...args]) {
  const child = spawn(join(bin, tool), args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: 1, output: `${error.message}; run: sh ops/setup.sh` }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
