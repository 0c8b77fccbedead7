// Runs checks side by side, each for so long and no longer; one that breaks is a finding, not the end.
import { CommandError } from "../errors.ts";
import { type Check, type CheckResult, failed, type Finding } from "./check.ts";

/** Longer than what a slow name server or a busy rtorrent needs. */
const CHECK_TIMEOUT_MS = 8000;

/** In the order of `checks`. Rejects only when `signal` aborts. */
export async function runChecks(
  checks: readonly Check[],
  { signal, onDone }: { readonly signal: AbortSignal; readonly onDone: (done: number) => void },
): Promise<CheckResult[]> {
  let done = 0;
  const results = await Promise.all(
    checks.map(async (check) => {
      const began = performance.now();
      const finding = await find(check, signal);
      onDone(++done);
      return { check: check.name, ...finding, seconds: (performance.now() - began) / 1000 };
    }),
  );
  signal.throwIfAborted();
  return results;
}

async function find(check: Check, interrupted: AbortSignal): Promise<Finding> {
  const timeout = AbortSignal.timeout(CHECK_TIMEOUT_MS);
  const signal = AbortSignal.any([interrupted, timeout]);
  const late = new Promise<Finding>((resolve) => {
    const seen = `no answer within ${CHECK_TIMEOUT_MS / 1000} s`;
    signal.addEventListener("abort", () => resolve(failed(seen, "See whether it hangs, and check again.")), {
      once: true,
    });
  });
  return Promise.race([check.run(signal).catch(broken), late]);
}

/** The command's own errors say on their second line what to do. */
function broken(error: unknown): Finding {
  const message = error instanceof Error ? error.message : String(error);
  const [seen = "", ...remedy] = message.split("\n");
  if (error instanceof CommandError && remedy.length > 0) return failed(seen, remedy.join(" "));
  return failed(`could not be checked: ${seen}`, "Run again with DEBUG=1 if this is not explained by what is above.");
}
