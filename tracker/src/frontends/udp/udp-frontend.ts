// The UDP tracker protocol (BEP 15, 41), whatever socket it runs on: read, call the service, print.
import {
  type AnnounceService,
  type ClientAnnounce,
  type ServiceReply,
  UnavailableError,
} from "../../service/announce-service.ts";
import type { SwarmCounts } from "../../swarm/announce.ts";
import type { InfoHash } from "../../swarm/identifiers.ts";
import { createAddressRanges } from "../../wire/address-ranges.ts";
import { announceKeyIn } from "../../wire/announce-path.ts";
import {
  createUdpAnnounce,
  mostPeers,
  printUdpAnnounceReply,
  readUdpAnnounce,
  type UdpReplyForm,
} from "../../wire/udp-announce.ts";
import { areUdpOptions, readUdpOptions } from "../../wire/udp-options.ts";
import {
  ANNOUNCE_BYTES,
  CONNECT_BYTES,
  ERROR_HEAD_BYTES,
  isConnect,
  packetMemory,
  type PacketMemory,
  printConnectReply,
  printError,
  REQUEST,
  UDP_ANNOUNCE,
  UDP_CONNECT,
  UDP_SCRAPE,
} from "../../wire/udp-packets.ts";
import { printUdpScrapeReply, readUdpScrape } from "../../wire/udp-scrape.ts";
import type { FaultCounts } from "../fault-counts.ts";
import type { ConnectionIds } from "./connection-ids.ts";
import { createKnownTexts } from "./known-texts.ts";
import { type AnswerPacket, type Packet, packetHost, replyRoom, V4_BYTES } from "./packet.ts";

export interface UdpFrontendOptions {
  readonly service: AnnounceService;
  readonly connectionIds: ConnectionIds;
  /** CIDR ranges of the hosts that may announce and scrape; empty lets everybody (`ALLOW_CIDRS`). */
  readonly allowCidrs: readonly string[];
  /** Whether announce keys are looked at (`ANNOUNCE_KEYS`). */
  readonly readsKeys: boolean;
  readonly faults: FaultCounts;
  readonly log: { error(details: object, message: string): void };
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };
/** Prints a reply at an offset, and gives its length. */
type Print = (memory: PacketMemory, at: number) => number;

const SILENCE = 0;
const INTERNAL_ERROR = "internal error in the tracker; try again, and see the tracker's log if it stays";
const NOT_ALLOWED = "this host may not announce here; add its address to the tracker's ALLOW_CIDRS";
/** Short, because its receiver may not have asked: nobody gets more bytes than came from his address before he has shown an id. */
const BAD_CONNECTION_ID = "connection id out of date";

/** Throws `ADDRESS_INVALID` for a range that is none. */
export function createUdpFrontend(options: UdpFrontendOptions): AnswerPacket {
  const { service, connectionIds, faults, log } = options;
  const allowed = options.allowCidrs.length === 0 ? undefined : createAddressRanges(options.allowCidrs);
  const texts = createKnownTexts();
  const fields = createUdpAnnounce();
  // Filled anew for every announce; only while an answer is awaited it belongs to that, and there is another one.
  let request = emptyRequest();
  const form: Writable<UdpReplyForm> = { transaction: 0, family: "ipv4", room: 0 };

  function answer(packet: Packet): number {
    try {
      return dispatch(packet);
    } catch (error) {
      return printFailure(packet, packet.replyAt, tellable(error));
    }
  }

  function dispatch(packet: Packet): number {
    const { view, at, length } = packet;
    if (packet.port === 0) return ignore("udp-source-port-zero");
    if (length < CONNECT_BYTES) return ignore("udp-short-packet");
    form.transaction = view.getInt32(at + REQUEST.transaction);
    form.family = packet.hostBytes === V4_BYTES ? "ipv4" : "ipv6";
    form.room = replyRoom(packet);
    const action = view.getInt32(at + REQUEST.action);
    if (action === UDP_CONNECT) return connect(packet);
    if (!connectionIds.accepts(packet)) return refuseStranger(packet);
    if (allowed?.includes(packetHost(packet)) === false) return refuse(packet, "udp-not-allowed", NOT_ALLOWED);
    if (action === UDP_ANNOUNCE) return announce(packet);
    if (action === UDP_SCRAPE) return scrape(packet);
    return refuse(packet, "udp-unknown-action", "action is unknown; expected connect, announce or scrape");
  }

  function connect(packet: Packet): number {
    if (!isConnect(packet.view, packet.at)) return ignore("udp-bad-connect");
    connectionIds.issue(packet);
    const { high, low } = connectionIds;
    return printConnectReply(packet.view, packet.replyAt, { transaction: form.transaction, high, low });
  }

  function announce(packet: Packet): number {
    const { view, at, length } = packet;
    if (length < ANNOUNCE_BYTES) return refuse(packet, "udp-short-announce", "announce is shorter than 98 bytes");
    const fault = readUdpAnnounce(view, at, fields);
    if (fault !== undefined) return refuse(packet, "udp-bad-announce", fault);
    const key = length > ANNOUNCE_BYTES ? announceKeyOf(packet) : "";
    if (key === undefined) return refuse(packet, "udp-bad-options", "an option is longer than the packet");
    fillRequest(packet);
    request.announceKey = key;
    const reply = service.announce(request);
    if (!(reply instanceof Promise)) return printReply(packet, packet.replyAt, reply, form);
    request = emptyRequest();
    return answerLater(packet, reply, printReply);
  }

  /** Undefined where options do not end with the packet. */
  function announceKeyOf({ bytes, at, length }: Packet): string | undefined {
    const from = at + ANNOUNCE_BYTES;
    const to = at + length;
    if (!options.readsKeys) return areUdpOptions(bytes, from, to) ? "" : undefined;
    const read = readUdpOptions(bytes, from, to);
    return read === undefined ? undefined : announceKeyIn(read.url);
  }

  function fillRequest(packet: Packet): void {
    const client = texts.client(packet);
    const most = mostPeers(form);
    request.infoHash = texts.infoHash(packet);
    request.peerId = client.peerId;
    request.key = client.key;
    request.endpoint = client.endpoint;
    request.reach = form.family;
    request.event = fields.event;
    request.left = fields.left;
    request.uploaded = fields.uploaded;
    request.downloaded = fields.downloaded;
    request.numwant = fields.numwant < 0 || fields.numwant > most ? most : fields.numwant;
  }

  function scrape(packet: Packet): number {
    const infoHashes = readUdpScrape(packet.bytes, packet.at, packet.length);
    if (typeof infoHashes === "string") return refuse(packet, "udp-bad-scrape", infoHashes);
    const print = (memory: PacketMemory, at: number, counts: ReadonlyMap<InfoHash, SwarmCounts>, to: UdpReplyForm) =>
      printUdpScrapeReply(memory.view, at, { transaction: to.transaction, infoHashes, counts });
    const counts = service.scrape(infoHashes);
    if (!(counts instanceof Promise)) return print(packet, packet.replyAt, counts, form);
    return answerLater(packet, counts, print);
  }

  /** The packet and the form are of the next datagram by then. */
  function answerLater<T>(
    packet: Packet,
    result: Promise<T>,
    print: (memory: PacketMemory, at: number, value: T, form: UdpReplyForm) => number,
  ): number {
    const send = packet.later();
    const kept = { ...form };
    const sendPrinted = (printInto: Print) => {
      const memory = packetMemory(kept.room);
      send(memory.bytes.subarray(0, printInto(memory, 0)));
    };
    result
      .then((value) => sendPrinted((memory, at) => print(memory, at, value, kept)))
      .catch((error: unknown) =>
        sendPrinted((memory, at) => printError(memory, at, { ...kept, text: tellable(error) })),
      );
    return SILENCE;
  }

  function ignore(kind: string): number {
    faults.count(kind);
    return SILENCE;
  }

  function refuse(packet: Packet, kind: string, text: string): number {
    faults.count(kind);
    return printFailure(packet, packet.replyAt, text);
  }

  function refuseStranger(packet: Packet): number {
    if (packet.length < ERROR_HEAD_BYTES + BAD_CONNECTION_ID.length) return ignore("udp-bad-connection-id");
    return refuse(packet, "udp-bad-connection-id", BAD_CONNECTION_ID);
  }

  function printFailure(memory: PacketMemory, at: number, text: string): number {
    return printError(memory, at, { transaction: form.transaction, room: form.room, text });
  }

  /** May be told to a client. */
  function tellable(error: unknown): string {
    if (error instanceof UnavailableError) return error.message;
    log.error({ err: error }, "an announce or scrape over UDP failed");
    return INTERNAL_ERROR;
  }

  return answer;
}

function printReply(memory: PacketMemory, at: number, reply: ServiceReply, form: UdpReplyForm): number {
  if (reply.kind === "peers") return printUdpAnnounceReply(memory, at, reply, form);
  return printError(memory, at, { transaction: form.transaction, room: form.room, text: reply.reason });
}

function emptyRequest(): Writable<ClientAnnounce> {
  const endpoint = "" as ClientAnnounce["endpoint"];
  return {
    infoHash: "" as ClientAnnounce["infoHash"],
    peerId: "" as ClientAnnounce["peerId"],
    key: "",
    announceKey: "",
    endpoint,
    otherEndpoint: undefined,
    reach: "any",
    event: "none",
    left: 0,
    uploaded: 0,
    downloaded: 0,
    numwant: undefined,
  };
}
