// What a path or a body names, turned into the domain's values.
import { canonicalAddress, TopologyError } from "@rackcast/smdb-adapter";
import { transferUnknown } from "../registry/errors.ts";
import type { Transfer, TransferRegistry } from "../registry/transfer-registry.ts";
import type { InfoHash } from "../swarm/identifiers.ts";
import { ApiError } from "./errors.ts";

/** `text` is what the routes' schema lets through: 40 hex digits. */
function parseInfoHash(text: string): InfoHash {
  return text.toLowerCase() as InfoHash;
}

/** `infoHash` is what the routes' schema lets through: 40 hex digits. Throws `TRANSFER_UNKNOWN`. */
export function findTransfer(registry: Pick<TransferRegistry, "lookup">, infoHash: string): Transfer {
  const transfer = registry.lookup(parseInfoHash(infoHash));
  if (transfer === undefined) throw transferUnknown(infoHash);
  return transfer;
}

/** Canonical text form. `field` is named in what is thrown: `ADDRESS_MALFORMED`. */
export function parseAddress(text: string, field: string): string {
  try {
    return canonicalAddress(text);
  } catch (cause) {
    if (!(cause instanceof TopologyError)) throw cause;
    throw new ApiError("ADDRESS_MALFORMED", `${field}: ${cause.message}.`, { cause });
  }
}

/** Each address once, in the order given. */
export function parseAddresses(texts: readonly string[] | undefined, field: string): readonly string[] | undefined {
  return texts && [...new Set(texts.map((text, index) => parseAddress(text, `${field}[${index}]`)))];
}
