// One question to one DNS server: over UDP from a port of its own, over TCP when the answer does not fit.
import type { DecodedPacket } from "dns-packet";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { createQuery, type DnsQuery, type DnsQuestion, readResponse } from "./dns-message.ts";
import type { ServerAddress } from "./server-address.ts";

const LENGTH_BYTES = 2;

/** Rejects with what kept the server from answering, and with the signal's reason. */
export async function askServer(
  server: ServerAddress,
  question: DnsQuestion,
  signal: AbortSignal,
): Promise<DecodedPacket> {
  const query = createQuery(question);
  const response = await askByUdp(server, query, signal);
  return response.flag_tc ? await askByTcp(server, query, signal) : response;
}

async function askByUdp(server: ServerAddress, query: DnsQuery, signal: AbortSignal): Promise<DecodedPacket> {
  const { promise, resolve, reject } = Promise.withResolvers<DecodedPacket>();
  let strays = 0;
  const give = () => reject(strays === 0 ? signal.reason : new StrayAnswersError(strays, signal.reason));
  signal.throwIfAborted();
  signal.addEventListener("abort", give);
  await using socket = createSocket(server.family === 4 ? "udp4" : "udp6");
  socket.on("error", reject);
  socket.on("message", (bytes) => {
    const response = readResponse(bytes, query);
    if (response === undefined) strays++;
    else resolve(response);
  });
  // Connected, so that the system passes on what comes from this server's address and port alone.
  socket.connect(server.port, server.address, (error?: Error) => {
    if (error) reject(error);
    else socket.send(query.bytes);
  });
  return await promise.finally(() => signal.removeEventListener("abort", give));
}

/** No answer came, but something that pretended to be one. */
class StrayAnswersError extends Error {
  constructor(count: number, cause: unknown) {
    const what = count === 1 ? "an answer that is" : `${count} answers that are`;
    super(`got ${what} not to this question, and none that is`, { cause });
  }
}

async function askByTcp(server: ServerAddress, query: DnsQuery, signal: AbortSignal): Promise<DecodedPacket> {
  const socket = connect({ host: server.address, port: server.port, signal });
  try {
    await once(socket, "connect");
    socket.write(Buffer.concat([lengthOf(query.bytes), query.bytes]));
    const response = readResponse(await readMessage(socket), query);
    if (response === undefined) throw new Error("answered something else over TCP");
    return response;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    socket.destroy();
  }
}

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(bytes.length);
  return length;
}

/** The first message of a stream, which says its length; the length bounds what is kept. */
async function readMessage(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of stream) {
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.length < LENGTH_BYTES ? Infinity : LENGTH_BYTES + bytes.readUInt16BE();
    if (bytes.length >= end) return bytes.subarray(LENGTH_BYTES, end);
  }
  throw new Error("closed the TCP connection before it had answered");
}
