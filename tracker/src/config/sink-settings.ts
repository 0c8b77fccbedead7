// Where deltas are handed to, out of the settings: no sink, or one, and what a webhook is signed with.
import type { SinkSettings } from "../accounting/sinks/sink-settings.ts";
import type { ConfigFault } from "./faults.ts";
import type { GivenValue } from "./setting-sources.ts";
import type { SettingName, Settings } from "./settings.ts";
import { readSinkAddress } from "./sink-address.ts";

/** Of settings without faults. */
export function sinkConfigOf({
  ACCOUNTING_SINK: text,
  ACCOUNTING_SINK_SECRET: secret,
}: Settings): SinkSettings | undefined {
  const sink = text === "" ? undefined : readSinkAddress(text, readKeys(secret));
  return typeof sink === "string" ? undefined : sink;
}

/** What is wrong with one value that its schema allows. */
export function faultySinkText(name: SettingName, value: unknown): string | undefined {
  if (value === "") return undefined;
  if (name === "ACCOUNTING_SINK") {
    const sink = readSinkAddress(String(value));
    return typeof sink === "string" ? sink : undefined;
  }
  if (name !== "ACCOUNTING_SINK_SECRET" || readKeys(String(value)) !== undefined) return undefined;
  return "is no secret of a webhook; write whsec_ and behind it what `openssl rand -base64 32` prints, and a space before a second one";
}

/** What no single setting is to blame for. */
export function sinkFaults(settings: Settings, given: ReadonlyMap<SettingName, GivenValue>): ConfigFault[] {
  const sourceOf = (name: SettingName) => given.get(name)?.source ?? name;
  if (settings.ACCOUNTING_SINK !== "" && !settings.ACCOUNTING) {
    const problem = "is given, but nothing is counted; set ACCOUNTING to true, or remove it";
    return [{ source: sourceOf("ACCOUNTING_SINK"), problem }];
  }
  const isSigned = settings.ACCOUNTING_SINK_SECRET !== "";
  const isWebhook = sinkConfigOf(settings)?.kind === "webhook";
  if (isSigned === isWebhook) return [];
  const problem = isSigned
    ? "is for a webhook, and ACCOUNTING_SINK is none; remove it, or name a webhook"
    : "is a webhook, whose receiver can trust in nothing that is not signed; give ACCOUNTING_SINK_SECRET";
  return [{ source: sourceOf(isSigned ? "ACCOUNTING_SINK_SECRET" : "ACCOUNTING_SINK"), problem }];
}

const PREFIX = "whsec_";
const LEAST_KEY_BYTES = 24;
const MOST_KEY_BYTES = 64;

/** Keys as Standard Webhooks writes them; undefined when one of them is none. */
function readKeys(secret: string): readonly Uint8Array[] | undefined {
  const keys = secret
    .split(/\s+/)
    .filter((word) => word !== "")
    .map(readKey);
  return keys.every((key) => key !== undefined) ? keys : undefined;
}

function readKey(word: string): Uint8Array | undefined {
  if (!word.startsWith(PREFIX)) return undefined;
  const text = word.slice(PREFIX.length);
  const key = Buffer.from(text, "base64");
  const isWhole = key.toString("base64").replace(/=+$/, "") === text.replace(/=+$/, "");
  return isWhole && key.length >= LEAST_KEY_BYTES && key.length <= MOST_KEY_BYTES ? key : undefined;
}
