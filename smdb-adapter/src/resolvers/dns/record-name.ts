// Where the TXT and LOC records of a host are: at its PTR name, or at a name made of its address.
import { fillTemplate, type TextTemplate } from "../../text-template.ts";
import { isDnsName } from "./dns-message.ts";
import type { HostLookup } from "./host-lookup.ts";

/** What the name of a record may be made of. */
export const NAME_PARTS = ["ptr", "reversed", "dashed", "arpa"] as const;

export interface RecordName {
  readonly name: string;
  readonly ttlSeconds: number | undefined;
}

/** Undefined when the host has no name that is needed. */
export async function recordNameOf(template: TextTemplate, host: HostLookup): Promise<RecordName | undefined> {
  const { values, ttlSeconds } = template.names.includes("ptr") ? await host.ptrNames() : NO_NAMES;
  const [ptr = ""] = values;
  if (ptr === "" && template.names.includes("ptr")) return undefined;
  if (values.length > 1) {
    host.blame("several-names", `its PTR records name it ${values.join(" and ")}; records of ${ptr} are looked at`);
  }
  const parts = new Map<string, string>([["ptr", ptr], ...Object.entries(host.addressNames)]);
  const name = fillTemplate(template, (part) => parts.get(part) ?? "").replace(/\.$/, "");
  if (isDnsName(name)) return { name, ttlSeconds };
  return host.blame("name-malformed", `${JSON.stringify(name)}, where its records should be, is no name`);
}

const NO_NAMES = { values: [], ttlSeconds: undefined };
