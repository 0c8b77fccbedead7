// What the registry says of a transfer, in the form its swarm wants it; made once for each state of the transfer.
import type { Transfer } from "../registry/transfer-registry.ts";
import type { TransferTerms } from "../swarm/announce.ts";
import type { HostAddress } from "../swarm/identifiers.ts";

export type TermsOf = (transfer: Transfer) => TransferTerms;

/** `parse` gives the bytes of an address; undefined for text that is none. */
export function createTransferTerms(parse: (address: string) => HostAddress | undefined): TermsOf {
  const known = new WeakMap<Transfer, TransferTerms>();
  // One transfer is asked for again and again while it is deployed.
  let last: { readonly transfer: Transfer; readonly terms: TransferTerms } | undefined;

  return (transfer) => {
    if (last?.transfer === transfer) return last.terms;
    const terms = known.get(transfer) ?? make(transfer);
    last = { transfer, terms };
    return terms;
  };

  function make(transfer: Transfer): TransferTerms {
    const origins = transfer.origins.map(parse).filter((host) => host !== undefined);
    const terms = {
      origins: new Set(origins),
    };
    known.set(transfer, terms);
    return terms;
  }
}
