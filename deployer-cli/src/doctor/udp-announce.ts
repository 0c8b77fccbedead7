// Are announces answered over UDP (BEP 15)? Rendered clients do not need it, others may.
import { randomBytes, randomInt } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import { lookup } from "node:dns/promises";
import { type Check, type Finding, ok, warning } from "./check.ts";
import { EXPECTED_REFUSAL } from "./http-announce.ts";

const PROTOCOL_ID = 0x41727101980n;
const [CONNECT, ANNOUNCE, FAILURE] = [0, 1, 3] as const;
const ANSWER_MS = 2000;
const NO_ANSWER = "Nothing to do if UDP_PORT is off or no client uses udp:// trackers; else open the way to that port.";

export function udpAnnounce({ url }: { readonly url: string }): Check {
  return { name: "announce: udp", run: (signal) => announce(new URL(url), signal) };
}

async function announce(url: URL, signal: AbortSignal): Promise<Finding> {
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const place = `udp://${url.hostname}:${port}`;
  const { address } = await lookup(url.hostname.replace(/^\[|\]$/g, ""));
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  try {
    socket.connect(port, address);
    await once(socket, "connect", { signal });
    const connection = await exchange(socket, connectRequest(), signal);
    const reply = connection && (await exchange(socket, announceRequest(connection.subarray(8, 16)), signal));
    return judgeUdpAnnounce(place, reply);
  } finally {
    socket.close();
  }
}

/** The answer; undefined when there is none in time, or the port is closed. */
async function exchange(socket: Socket, request: Buffer, signal: AbortSignal): Promise<Buffer | undefined> {
  const answer = once(socket, "message", { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
  socket.send(request);
  const [reply] = await answer.catch(() => [undefined]);
  return reply as Buffer | undefined;
}

function judgeUdpAnnounce(place: string, reply: Buffer | undefined): Finding {
  if (reply === undefined || reply.length < 8) return warning(`${place} does not answer`, NO_ANSWER);
  const action = reply.readUInt32BE(0);
  const reason = action === FAILURE ? reply.toString("utf8", 8) : "";
  const isExpected = action === ANNOUNCE || EXPECTED_REFUSAL.test(reason);
  if (isExpected) return ok(`${place} answers`);
  return warning(
    `${place} refuses this machine: ${reason}`,
    "If it is a host, let it announce: see ALLOW_CIDRS and bans.",
  );
}

function connectRequest(): Buffer {
  const request = Buffer.alloc(16);
  request.writeBigUInt64BE(PROTOCOL_ID, 0);
  request.writeUInt32BE(CONNECT, 8);
  request.writeUInt32BE(randomInt(2 ** 32), 12);
  return request;
}

/** For an info-hash that nobody has, with something left. */
function announceRequest(connectionId: Buffer): Buffer {
  const request = Buffer.alloc(98);
  connectionId.copy(request, 0);
  request.writeUInt32BE(ANNOUNCE, 8);
  request.writeUInt32BE(randomInt(2 ** 32), 12);
  randomBytes(20).copy(request, 16);
  request.write("-lt0D80-doctor000000", 36);
  request.writeBigUInt64BE(1n, 64);
  request.writeInt32BE(-1, 92);
  request.writeUInt16BE(6881, 96);
  return request;
}
