// From whom each host took its bytes, kept from clients' counters that vanish with every connection; pure.

/** One reading of a host. The total must have been read before the peers, or it counts bytes that no peer is known for. */
export interface Reading {
  /** Bytes of payload taken from all peers, those gone included. */
  readonly downTotal: number;
  readonly peers: readonly {
    readonly address: string;
    readonly peerId: string;
    readonly downTotal: number;
  }[];
}

export interface SourceLedger {
  observe(host: string, reading: Reading): void;
  /** Bytes by address of the peer they came from, and what no peer could be found for. */
  sources(host: string): { readonly byAddress: ReadonlyMap<string, number>; readonly unknownBytes: number };
}

/** A connection as it was last seen. */
interface Connection {
  readonly address: string;
  readonly downTotal: number;
  /** Bytes between the last two readings. */
  readonly pace: number;
}

interface Account {
  connections: ReadonlyMap<string, Connection>;
  readonly byAddress: Map<string, number>;
  downTotal: number;
}

export function createSourceLedger(): SourceLedger {
  const accounts = new Map<string, Account>();

  function accountOf(host: string): Account {
    const known = accounts.get(host);
    if (known) return known;
    const fresh: Account = { connections: new Map(), byAddress: new Map(), downTotal: 0 };
    accounts.set(host, fresh);
    return fresh;
  }

  return {
    observe: (host, reading) => book(accountOf(host), reading),
    sources(host) {
      const account = accountOf(host);
      return { byAddress: account.byAddress, unknownBytes: unbooked(account) };
    },
  };
}

function book(account: Account, { downTotal, peers }: Reading): void {
  const before = account.connections;
  account.downTotal = downTotal;
  account.connections = new Map(
    peers.map(({ address, peerId, downTotal: total }) => {
      const key = `${address} ${peerId}`;
      const last = before.get(key)?.downTotal ?? 0;
      // A lower count is a new connection of the same client.
      const pace = total < last ? total : total - last;
      credit(account, address, pace);
      return [key, { address, downTotal: total, pace }];
    }),
  );
  const gone = [...before].filter(([key]) => !account.connections.has(key)).map(([, connection]) => connection);
  bookLastBytes(account, gone);
}

/** What came in since the last reading and no peer shows came over the connections that ended, by their pace. */
function bookLastBytes(account: Account, gone: readonly Connection[]): void {
  const missing = unbooked(account);
  const pace = gone.reduce((sum, connection) => sum + connection.pace, 0);
  for (const { address, pace: own } of gone) {
    credit(account, address, Math.round(missing * (pace > 0 ? own / pace : 1 / gone.length)));
  }
}

function credit({ byAddress }: Account, address: string, bytes: number): void {
  if (bytes > 0) byAddress.set(address, (byAddress.get(address) ?? 0) + bytes);
}

function unbooked({ downTotal, byAddress }: Account): number {
  const booked = [...byAddress.values()].reduce((sum, bytes) => sum + bytes, 0);
  return Math.max(0, downTotal - booked);
}
