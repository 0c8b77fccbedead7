// The transfers to offer, as fast as the tracker says them; nothing rather than an error under the user's cursor.
import { Command } from "commander";
import type { Transfer } from "../api/resources.ts";
import { connect } from "../commands/access.ts";
import { trackerOption } from "../commands/options.ts";
import type { Session } from "../session.ts";

const TIMEOUT_MS = 1000;
/** What no shell takes for anything but letters. */
const HARMLESS = /^[\w@+][\w.,:@+-]*$/;

/** `words` are those on the command line so far. Live transfers come first. */
export async function transferNames(words: readonly string[], session: Session): Promise<string[]> {
  const signal = AbortSignal.any([session.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const transfers = await connect({ ...session, signal }, { tracker: trackerIn(words) }).list();
    return [...new Set(live(transfers).map(nameOf))];
  } catch {
    return [];
  }
}

function trackerIn(words: readonly string[]): string {
  const silent = { writeOut: () => undefined, writeErr: () => undefined };
  return new Command()
    .addOption(trackerOption())
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .exitOverride()
    .configureOutput(silent)
    .parse(words, { from: "user" })
    .opts<{ tracker: string }>().tracker;
}

function live(transfers: readonly Transfer[]): Transfer[] {
  const isOver = ({ state }: Transfer) => Number(state === "inactive");
  return transfers.toSorted((one, other) => isOver(one) - isOver(other));
}

/** A name comes from outside and lands on a command line. */
function nameOf({ name, infoHash }: Transfer): string {
  return HARMLESS.test(name) ? name : infoHash;
}
