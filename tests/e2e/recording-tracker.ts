// The smallest tracker: hands every peer all the others, and keeps what it was asked. For tests of clients, not of trackers.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import bencode from "bencode";

export interface RecordedAnnounce {
  readonly atMs: number;
  /** Where the request came from. */
  readonly address: string;
  readonly port: number;
  readonly left: number;
  readonly event: string | undefined;
}

export interface RecordingTracker {
  readonly announceUrl: string;
  readonly announces: readonly RecordedAnnounce[];
  from(address: string): readonly RecordedAnnounce[];
  close(): Promise<void>;
}

const INTERVAL_SECONDS = 1800;

export async function startRecordingTracker(): Promise<RecordingTracker> {
  const announces: RecordedAnnounce[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://tracker");
    const address = request.socket.remoteAddress ?? "";
    if (url.pathname === "/announce") announces.push(read(url.searchParams, address));
    const others = announces.filter((other) => other.address !== address);
    response.end(
      bencode.encode({ interval: INTERVAL_SECONDS, "min interval": INTERVAL_SECONDS, peers: compact(others) }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    announceUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/announce`,
    announces,
    from: (address) => announces.filter((announce) => announce.address === address),
    close: () => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  };
}

function read(query: URLSearchParams, address: string): RecordedAnnounce {
  const event = query.get("event") ?? undefined;
  return { atMs: Date.now(), address, port: Number(query.get("port")), left: Number(query.get("left")), event };
}

function compact(peers: readonly RecordedAnnounce[]): Uint8Array {
  const endpoints = new Map(peers.map(({ address, port }) => [address, port]));
  return Buffer.from(
    [...endpoints].flatMap(([address, port]) => [...address.split(".").map(Number), port >> 8, port & 0xff]),
  );
}
