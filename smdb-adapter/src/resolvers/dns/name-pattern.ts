// A pattern matched against names that others chose, in bounded time.
import { createContext, Script } from "node:vm";

/** The texts of the pattern's groups, or undefined when the name does not match. Throws when matching takes too long. */
export type NameMatch = (name: string) => Readonly<Record<string, string | undefined>> | undefined;

// A name has 255 bytes at most, which is enough to keep a careless pattern such as (a+)+$ busy for years. The limit is of
// the clock, so it leaves room for a machine that is busy with something else.
const LONGEST_MATCH_MS = 500;

/** Repeated, these stay within one label of a name, so within 63 bytes. */
const WITHIN_LABEL = /(?:\\[dw]|\[\^[^\]\\]*\.[^\]\\]*\]|\[(?:a-z|0-9|\\[dw]|[a-z0-9_-])+\])(?:[*+]|\{\d+(?:,\d*)?\})/g;
const REPETITION = /[*+{]/;
const MOST_REPETITIONS = 5;

export function createNameMatch(pattern: RegExp): NameMatch {
  const exec = isSurelyFast(pattern.source) ? (name: string) => pattern.exec(name) : guardedExec(pattern);
  return (name) => {
    const found = exec(name);
    return found === null ? undefined : (found.groups ?? {});
  };
}

/** Whether it has few repetitions, none within another, and each within a label; most patterns for names are so. */
export function isSurelyFast(source: string): boolean {
  const repetitions = source.match(WITHIN_LABEL)?.length ?? 0;
  const rest = source.replace(WITHIN_LABEL, "").replace(/\\./g, "");
  return repetitions <= MOST_REPETITIONS && !REPETITION.test(rest);
}

/** Through `vm`, which can end a match under way, at the price of a thread that watches it. */
function guardedExec(pattern: RegExp) {
  const sandbox = createContext({ pattern, name: "" });
  const matching = new Script("pattern.exec(name)");
  return (name: string): RegExpExecArray | null => {
    sandbox["name"] = name;
    return matching.runInContext(sandbox, { timeout: LONGEST_MATCH_MS });
  };
}
