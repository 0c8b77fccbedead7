// Names are unique among the transfers in service, though a name and its transfer are in different slots of a Cluster.
//
// Who takes a transfer into service claims its name, writes, and claims it once more; who changes one in service
// claims its name, then writes, if only a new revision. So nobody leaves a transfer in service without having claimed
// its name since it is. Every claim has a number of its own, and a name may be taken only from a transfer that was seen out of
// service, by a claim that is still the one seen before: so a tracker that dies between two steps blocks no name, and of two
// that race the one whose second claim comes first stays.
import { nameTaken } from "../errors.ts";
import { isInService } from "../transitions.ts";
import type { Transfer } from "../transfer-registry.ts";
import { foreignData, type RegistryAccess } from "./registry-access.ts";
import { hashOf, parseHash, REGISTRY_KEYS } from "./registry-keys.ts";
import type { TransferRecords } from "./transfer-records.ts";

type Named = Pick<Transfer, "infoHash" | "name">;

export interface NameClaims {
  /** The number of the claim, above all numbers before. Throws `NAME_TAKEN`. */
  claim(named: Named): Promise<number>;
  /** The number of the claim by which anybody has the name now; for `free`. */
  look(name: string): Promise<string>;
  /** Nothing happens when another has the name, or claimed it since `seen` was looked at. */
  free(named: Named, seen: string): Promise<void>;
}

const MOST_OVERRIDES = 20;

export function createNameClaims(access: RegistryAccess, records: Pick<TransferRecords, "load">): NameClaims {
  const claimName = access.script("claim-name");
  const freeName = access.script("free-name");
  const { names, claims, lastClaim } = REGISTRY_KEYS;

  async function claim({ infoHash, name }: Named): Promise<number> {
    let overridden = "";
    for (let attempt = 1; ; attempt++) {
      const reply = await claimName([names, claims, lastClaim], [name, hashOf(infoHash), overridden]);
      const [isOurs, holder, seen] = reply as [0 | 1, string | number, string];
      if (isOurs === 1) return Number(holder);
      const other = await holderOf(String(holder), name);
      if ((other && isInService(other)) || attempt === MOST_OVERRIDES)
        throw nameTaken(name, other ?? { infoHash: String(holder), state: "registered" });
      overridden = seen;
    }
  }

  /** Undefined when it never came to be a transfer of that name. */
  async function holderOf(hash: string, name: string): Promise<Transfer | undefined> {
    const infoHash = parseHash(hash);
    if (infoHash === undefined)
      throw foreignData(names, `has ${JSON.stringify(hash)} as its field ${JSON.stringify(name)}`);
    const stored = await records.load(infoHash);
    return stored?.transfer.name === name ? stored.transfer : undefined;
  }

  return {
    claim,
    look: async (name) => (await access.ask(claims, (client, key) => client.hget(key, name))) ?? "0",
    async free({ infoHash, name }, seen) {
      await freeName([names, claims], [name, hashOf(infoHash), seen]);
    },
  };
}
