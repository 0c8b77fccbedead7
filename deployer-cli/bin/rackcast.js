#!/usr/bin/env node
// Starts the command under the Node it needs, whichever Node the shell found; plain JavaScript for Node 18 and later.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";
import { constants, homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const REQUIRED_MAJOR = 24;
const FORWARDED_SIGNALS = ["SIGTERM", "SIGHUP", "SIGUSR2", "SIGWINCH"];
// A terminal sends these to the whole process group, so the child has them already.
const TERMINAL_SIGNALS = ["SIGINT", "SIGQUIT"];
const QUIET_SQLITE = "--disable-warning=ExperimentalWarning";

const source = new URL("../src/main.ts", import.meta.url);
// A packed install ships no sources; a checkout runs them even when it has been built.
const isCheckout = existsSync(source);
const entry = isCheckout ? source : new URL("../dist/main.js", import.meta.url);
const flags = isCheckout ? [QUIET_SQLITE, "--conditions=@rackcast/source"] : [QUIET_SQLITE];

if (isCurrentNodeFit()) {
  // Compiling is half of what a short command takes.
  module.enableCompileCache?.(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "rackcast"));
  await import(entry.href);
} else launch(findNode(), [...flags, fileURLToPath(import.meta.url), ...process.argv.slice(2)]);

function isCurrentNodeFit() {
  return isRecent(process.versions.node) && flags.every((flag) => process.execArgv.includes(flag));
}

function isRecent(version) {
  return Number.parseInt(version, 10) >= REQUIRED_MAJOR;
}

function findNode() {
  if (isRecent(process.versions.node)) return process.execPath;
  const pinned = `node-${process.platform}-${process.arch}`;
  try {
    return createRequire(import.meta.url).resolve(`${pinned}/bin/node`);
  } catch {
    process.stderr.write(
      `rackcast needs Node ${REQUIRED_MAJOR} or later; this is ${process.version} and the package ${pinned} is not installed.\n` +
        `Install Node ${REQUIRED_MAJOR}, or install rackcast again with optional dependencies (npm install --include=optional).\n`,
    );
    process.exit(1);
  }
}

/** Becomes `node` where this Node can (22.15 and later); else stands in front of it and passes on all there is to pass on. */
function launch(node, args) {
  if (process.execve) {
    process.removeAllListeners("warning");
    process.execve(node, [node, ...args], process.env);
  }
  const child = spawn(node, args, { stdio: "inherit" });
  const isOnTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  for (const signal of FORWARDED_SIGNALS) process.on(signal, () => child.kill(signal));
  for (const signal of TERMINAL_SIGNALS) process.on(signal, () => isOnTerminal || child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`rackcast cannot start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => (signal ? dieOf(signal) : process.exit(code ?? 1)));
}

function dieOf(signal) {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Reached only when the signal is one that this process survives.
  setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
}
