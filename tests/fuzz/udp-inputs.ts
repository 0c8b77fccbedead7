// Datagrams for the UDP front end: random and mutated ones, most with a connection id of their sender, for without one nothing behind the check is reached.
import { createConnectionIds } from "../../tracker/src/frontends/udp/connection-ids.ts";
import type { HostAddress } from "../../tracker/src/swarm/identifiers.ts";
import { packetMemory } from "../../tracker/src/wire/udp-packets.ts";
import { type Chance, createMutations, type Mutate } from "./mutation.ts";
import { INFO_HASHES } from "./world.ts";

export interface UdpSource {
  readonly host: HostAddress;
  readonly port: number;
}

export interface UdpInput {
  /** Which of the sources sends it. */
  readonly from: number;
  readonly bytes: Buffer;
  /** Its first eight bytes are an id that its source was given in the last two minutes. */
  readonly hasValidId: boolean;
}

export interface UdpInputParts {
  readonly chance: Chance;
  readonly random: () => number;
  /** That of the front end's connection ids. */
  readonly key: Uint8Array;
  readonly now: () => number;
  readonly sources: readonly UdpSource[];
}

interface IssuedId {
  readonly bytes: Buffer;
  readonly atMs: number;
}

const MAGIC = Buffer.from("0000041727101980", "hex");
const ID_BYTES = 8;
const PEER_ID_AT = 36;
const PEER_ID_END = 56;
const PORT_END = 98;
const CLIENTS_PER_HOST = 1000;
const NEW_ID_EVERY_MS = 50_000;
/** BEP 15 says two minutes; the front end counts in steps of ten seconds. */
const ID_STEP_MS = 10_000;
const ID_STEPS = 12;
const KEPT_IDS = 6;
const LONGEST_RANDOM_BYTES = 2000;

export function createUdpInputs({ chance, random, key, now, sources }: UdpInputParts): () => UdpInput {
  const { below, percent, pick } = chance;
  const issue = createIssuer(key, now);
  const issued = sources.map((source): IssuedId[] => [{ bytes: issue(source), atMs: now() }]);
  const mutate: Mutate = createMutations({ random, seeds: SEEDS, tokens: TOKENS });

  /** The newest first. */
  function idsOf(index: number): IssuedId[] {
    const [source, ids] = [sources[index], issued[index]];
    if (source === undefined || ids === undefined) throw new Error(`there is no source ${index}`);
    if (now() - (ids[0]?.atMs ?? 0) < NEW_ID_EVERY_MS) return ids;
    ids.unshift({ bytes: issue(source), atMs: now() });
    ids.length = Math.min(ids.length, KEPT_IDS);
    return ids;
  }

  function isValid(index: number, bytes: Buffer): boolean {
    const step = Math.floor(now() / ID_STEP_MS);
    return idsOf(index).some(
      (id) => step - Math.floor(id.atMs / ID_STEP_MS) <= ID_STEPS && bytes.subarray(0, ID_BYTES).equals(id.bytes),
    );
  }

  /** In place of the first bytes. */
  function withId(bytes: Buffer, index: number): Buffer {
    if (bytes.length < ID_BYTES || percent(6)) return bytes;
    const ids = idsOf(percent(4) ? below(sources.length) : index);
    const id = percent(4) ? ids.at(-1) : ids[0];
    return Buffer.concat([id?.bytes ?? MAGIC, bytes.subarray(ID_BYTES)]);
  }

  /** Now and then another client on the same host, so that swarms are larger than a datagram holds. */
  function withPeerId(bytes: Buffer, index: number): Buffer {
    if (bytes.length < PEER_ID_END || percent(20)) return bytes;
    const client = percent(3) ? below(CLIENTS_PER_HOST) : 0;
    const number = String(index * CLIENTS_PER_HOST + client).padStart(12, "0");
    const peerId = Buffer.from(`${index % 2 === 0 ? "-lt0D80-" : "-LT2080-"}${number}`);
    const changed = Buffer.concat([bytes.subarray(0, PEER_ID_AT), peerId, bytes.subarray(PEER_ID_END)]);
    if (client > 0 && changed.length >= PORT_END) changed.writeUInt16BE(client, PORT_END - 2);
    return changed;
  }

  function inputOf(index: number): Buffer {
    if (percent(4)) return mutate(CONNECT);
    const bytes = percent(4)
      ? Buffer.from(Array.from({ length: below(LONGEST_RANDOM_BYTES) }, () => below(256)))
      : mutate(pick(SEEDS));
    return withPeerId(withId(bytes, index), index);
  }

  return () => {
    const from = below(sources.length);
    const bytes = inputOf(from);
    return { from, bytes, hasValidId: isValid(from, bytes) };
  };
}

function createIssuer(key: Uint8Array, now: () => number): (source: UdpSource) => Buffer {
  const ids = createConnectionIds({ key, check: "strict", now });
  const memory = packetMemory(16);
  const later = () => () => undefined;
  return ({ host, port }) => {
    memory.bytes.write(host, 0, "latin1");
    ids.issue({ ...memory, at: 0, length: 0, hostAt: 0, hostBytes: host.length, port, replyAt: 0, later });
    const id = Buffer.alloc(ID_BYTES);
    id.writeInt32BE(ids.high, 0);
    id.writeInt32BE(ids.low, 4);
    return id;
  };
}

function integers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value | 0, index * 4);
  return bytes;
}

const CONNECT = Buffer.concat([MAGIC, integers(0, 0x1234)]);
const HASHES = INFO_HASHES.map((infoHash) => Buffer.from(infoHash, "hex"));

function announce(hash: number, { event = 0, left = 9, numwant = -1, options = "" } = {}): Buffer {
  const head = [MAGIC, integers(1, 0x5678), HASHES[hash] ?? MAGIC, Buffer.alloc(20, "-LT2080-peer")];
  const numbers = integers(0, 7, 0, left, 0, 8, event, 0, 0x5fa3b2c1, numwant);
  return Buffer.concat([...head, numbers, Buffer.of(0x1a, 0xe1), Buffer.from(options, "latin1")]);
}

function scrape(count: number): Buffer {
  const hashes = Array.from({ length: count }, (_, index) => HASHES[index % HASHES.length] ?? MAGIC);
  return Buffer.concat([MAGIC, integers(2, 0x9abc), ...hashes]);
}

const SEEDS = [
  ...[0, 0, 1, 2, 3, 4, 5].map((hash) => announce(hash)),
  announce(0, { event: 2, numwant: 200 }),
  announce(1, { event: 1, left: 0 }),
  announce(0, { event: 3 }),
  announce(2, { event: 4, numwant: 0 }),
  announce(0, { left: 0, options: "\x02\x0d/announce/key\x01\x00" }),
  announce(1, { options: "\x02\x05/anno\x02\x03unc\x07\x02xx\x01" }),
  announce(1, { options: `\x02\xff/${"x".repeat(254)}\x02\xff${"y".repeat(255)}` }),
  ...[1, 2, 6, 73, 74, 75].map(scrape),
];
const NUMBERS = [0, 1, 2, 3, 4, 5, -1, 0x7fff_ffff, 0x8000_0000, 0x1f_ffff, 0x20_0000, 200, 1_000_000];
const TOKENS = [
  ...NUMBERS.map((number) => integers(number)),
  ...HASHES,
  MAGIC,
  Buffer.of(0),
  Buffer.of(1),
  Buffer.from("\x02\x0d/announce/key", "latin1"),
  Buffer.from("\x02\xff", "latin1"),
  Buffer.of(0, 0),
  Buffer.of(0xff, 0xff),
];
