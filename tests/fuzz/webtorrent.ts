// Fuzzes the WebTorrent front end: what is malformed is refused and counted, and nobody is passed anything but what another client has for him.
import { createServer } from "node:http";
import { createUpgrades } from "../../tracker/src/frontends/upgrades.ts";
import { createWebtorrentFrontend } from "../../tracker/src/frontends/webtorrent/webtorrent-frontend.ts";
import { createFuzzRun, type FuzzOptions, type FuzzReport, type FuzzRun } from "./fuzz-run.ts";
import { isObject, type JsonObject, jsonTokens, parsedObject, strangeText } from "./json-mutation.ts";
import type { FuzzClient } from "./websocket-clients.ts";
import {
  fuzzWebsocket,
  type HeardFrame,
  type SentMessage,
  type WebsocketFuzz,
  type WebsocketProtocol,
} from "./websocket-fuzz.ts";
import { OPCODE } from "./websocket-frames.ts";
import { createFuzzWorld, INFO_HASHES, SERVICE_REASON } from "./world.ts";

const LIMITS = { maxMessageBytes: 65_536, maxOffers: 10, maxHashes: 20, messagesPerSecond: 20 };
const PATH = "/announce";
/** Most of a message is an offer's or answer's session description; others are short. */
const [MOST_SDP, MOST_BESIDE] = [16_384, 1000];
/** Of one info-hash in a scrape, with an escape for every byte. */
const MOST_COUNTS = 250;
const BINARY = INFO_HASHES.map((infoHash) => Buffer.from(infoHash, "hex").toString("latin1"));
/** What the exchange says of messages that are sound. */
const EXCHANGE_REASON = /^(?:this connection is|peer_id is in use)/;

/** Throws an `Error` that shows the input at the first fault. */
export async function fuzzWebtorrent(options: FuzzOptions): Promise<FuzzReport> {
  return fuzzWebsocket(await openWebtorrent(createFuzzRun("webtorrent", options)), options);
}

export async function openWebtorrent(run: FuzzRun): Promise<WebsocketFuzz> {
  const world = await createFuzzWorld(run);
  const frontend = createWebtorrentFrontend({
    ...LIMITS,
    ...run,
    service: world.webrtcService,
    lengthBytes: world.lengthBytes,
    channel: undefined,
    intervalSeconds: 120,
    maxConnections: 100,
    maxConnectionsPerAddress: 100,
    allowCidrs: [],
    trustedProxies: [],
    proxyPass: false,
  });
  const upgrades = createUpgrades();
  upgrades.register(PATH, frontend.handleUpgrade);
  const server = createServer((_, response) => response.writeHead(404, { "Content-Length": 0 }).end());
  server.on("upgrade", upgrades.handle);
  async function close(): Promise<void> {
    if (frontend.connections() > 0) throw run.failure(`${frontend.connections()} connections are left`);
    await frontend.close();
    await world.close();
  }
  return { run, server, protocol: createProtocol(run), tidy: world.tidy, close };
}

interface PassedOffer {
  readonly infoHash: string;
  readonly offerId: string;
  readonly fromPeer: string;
  readonly by: number;
  readonly to: number;
}

const MOST_RECENT = 64;
const MOST_PASSED = 20_000;

function createProtocol(run: FuzzRun): WebsocketProtocol {
  const { chance } = run;
  /** Offers that were passed on, for their answers. */
  const passed = new Map<string, PassedOffer>();
  const recent: PassedOffer[] = [];
  let offers = 0;

  function message(client: FuzzClient): string {
    if (chance.percent(10))
      return strangeText(chance, {
        action: "scrape",
        info_hash: chance.pick<unknown>([[...BINARY], BINARY[0], undefined]),
      });
    const answered = chance.percent(30) ? recentOfferTo(client.index) : undefined;
    return strangeText(chance, answered === undefined ? announce(client) : answerTo(answered, client));
  }

  function announce({ index }: FuzzClient): JsonObject {
    const made = Array.from({ length: chance.percent(15) ? chance.below(13) : chance.below(3) }, () => offer(++offers));
    const numwant = chance.percent(90) ? made.length : chance.pick([0, 1e9, -1]);
    const event = chance.pick(["started", "started", "update", "completed", "stopped", undefined, "paused"]);
    const sizes = { left: chance.pick([0, 9, null]), uploaded: 0, downloaded: 0, numwant };
    return {
      action: "announce",
      info_hash: chance.pick(BINARY.slice(0, chance.percent(80) ? 2 : 6)),
      peer_id: peerIdOf(index),
      event,
      ...sizes,
      offers: made,
    };
  }

  function offer(number: number): JsonObject {
    const sdp = chance.percent(2) ? "v".repeat(MOST_SDP + chance.below(2)) : `v=0 ${number}`;
    return { offer_id: String(number).padStart(20, "\xfe"), offer: { type: "offer", sdp } };
  }

  /** One that waits for its answer, or was answered; now and then one that went to somebody else. */
  function recentOfferTo(index: number): PassedOffer | undefined {
    return recent.findLast(({ to }) => (to === index ? chance.percent(70) : chance.percent(1)));
  }

  function judge(sent: SentMessage, heard: readonly HeardFrame[]): void {
    const said = isMessage(sent) ? parsedObject(sent.bytes) : undefined;
    for (const { by, opcode, payload } of heard) if (opcode === OPCODE.text) judgeText(sent, said, { by, payload });
    if (!isMessage(sent) || heard.length > 0 || sent.counted() > 0 || !sent.from.isOpen) return;
    const isLostAnswer = said?.["answer"] !== undefined && said["answer"] !== null;
    if (!isLostAnswer) throw run.failure("silence answers a message, and no fault is counted");
    run.note("answer to nobody");
  }

  function judgeText(
    sent: SentMessage,
    said: JsonObject | undefined,
    { by, payload }: { by: FuzzClient; payload: Buffer },
  ): void {
    const text = parsedObject(payload);
    if (text === undefined) throw run.failure(`somebody is told what is no JSON object: ${payload.toString("latin1")}`);
    if ("offer" in text) return judgeOffer(sent, said, by, text);
    if ("answer" in text) return judgeAnswer(sent, by, text);
    if (by !== sent.from) throw run.failure(`another client is told ${payload.toString()}`);
    const most = MOST_BESIDE + ("files" in text ? MOST_COUNTS * LIMITS.maxHashes : 0);
    if (payload.length > most) throw run.failure(`a reply has ${payload.length} bytes`);
    const reason = text["failure reason"];
    run.note(typeof reason === "string" ? "reply: failure" : `reply: ${String(text["action"])}`);
    if (typeof reason !== "string" || SERVICE_REASON.test(reason) || EXCHANGE_REASON.test(reason)) return;
    if (sent.counted() !== 1 && sent.kind !== "broken")
      throw run.failure(`${sent.counted()} faults are counted where a message is refused: ${reason}`);
  }

  function judgeOffer(
    { from, kind }: SentMessage,
    said: JsonObject | undefined,
    by: FuzzClient,
    text: JsonObject,
  ): void {
    run.note("offer passed on");
    const made = (Array.isArray(said?.["offers"]) ? said["offers"] : []) as readonly unknown[];
    const { offer_id: offerId, info_hash: infoHash, peer_id: fromPeer, offer: description } = text;
    const isMade = made.some(
      (one) => isObject(one) && one["offer_id"] === offerId && sdpOf(one["offer"]) === sdpOf(description),
    );
    const isOurs = fromPeer === said?.["peer_id"] && infoHash === said?.["info_hash"];
    if (by === from || (kind !== "broken" && !(isMade && isOurs)))
      throw run.failure(`an offer goes astray: ${JSON.stringify(text).slice(0, 500)}`);
    const offer = {
      infoHash: String(infoHash),
      offerId: String(offerId),
      fromPeer: String(fromPeer),
      by: from.index,
      to: by.index,
    };
    passed.delete(keyOf(offer));
    passed.set(keyOf(offer), offer);
    recent.push(offer);
    if (recent.length > MOST_RECENT) recent.shift();
    for (const key of passed.keys()) if (passed.size > MOST_PASSED) passed.delete(key);
  }

  function judgeAnswer({ from }: SentMessage, by: FuzzClient, text: JsonObject): void {
    run.note("answer passed on");
    const asked = { infoHash: String(text["info_hash"]), offerId: String(text["offer_id"]), by: by.index };
    const offer = passed.get(keyOf(asked));
    if (offer?.to !== from.index) throw run.failure(`an answer goes astray: ${JSON.stringify(text).slice(0, 500)}`);
    passed.delete(keyOf(asked));
  }

  return {
    path: PATH,
    hostOf: (index) => `10.0.${index % 2}.${index % 5}`,
    message,
    tokens: jsonTokens(["offers", "answer", "info_hash"]),
    judge,
    /** Who was offered may come again and answer; who offered knows nothing of it any more. */
    onGone({ index }) {
      for (const [key, offer] of passed) if (offer.by === index) passed.delete(key);
    },
  };
}

/** JSON is JSON, in whichever frame it comes. */
function isMessage({ kind }: SentMessage): boolean {
  return kind === "text" || kind === "binary";
}

function keyOf({ infoHash, offerId, by }: Pick<PassedOffer, "infoHash" | "offerId" | "by">): string {
  return `${by} ${infoHash} ${offerId}`;
}

function peerIdOf(index: number): string {
  return `-WW0208-\xf0${String(index).padStart(11, "0")}`;
}

function answerTo({ infoHash, offerId, fromPeer }: PassedOffer, { index }: FuzzClient): JsonObject {
  const ids = { info_hash: infoHash, peer_id: peerIdOf(index), to_peer_id: fromPeer, offer_id: offerId };
  return { action: "announce", ...ids, answer: { type: "answer", sdp: "v=0 answer" } };
}

function sdpOf(description: unknown): unknown {
  return isObject(description) ? description["sdp"] : undefined;
}
