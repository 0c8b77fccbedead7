// The process edge: arguments, environment, streams and signals in; exit code out.
import { CommandError, EXIT_CODES, systemErrorCode } from "./errors.ts";
import { createTerminal } from "./output/terminal.ts";
import { runProgram } from "./program.ts";

const interruption = new AbortController();

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // The second one means now.
    if (interruption.signal.aborted) process.exit(EXIT_CODES.interrupted);
    interruption.abort(new CommandError("INTERRUPTED", "Interrupted."));
  });
}

// `rackcast list | head -1` closes the pipe early; that is no failure.
process.stdout.on("error", (error) => {
  if (systemErrorCode(error) === "EPIPE") process.exit(EXIT_CODES.done);
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2), {
  terminal: createTerminal(process.stdout, process.stderr, process.env),
  env: process.env,
  signal: interruption.signal,
});
