// Fuzzes the UDP front end through a real socket: every client hears, byte for byte, what the front end says in memory.
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { createConnectionIds } from "../../tracker/src/frontends/udp/connection-ids.ts";
import type { AnswerPacket } from "../../tracker/src/frontends/udp/packet.ts";
import { createUdpFrontend } from "../../tracker/src/frontends/udp/udp-frontend.ts";
import { openUdpSocket, type UdpSocketKind } from "../../tracker/src/frontends/udp/udp-server.ts";
import { parseHostAddress } from "../../tracker/src/wire/compact-address.ts";
import { packetMemory } from "../../tracker/src/wire/udp-packets.ts";
import { createFuzzRun, type FuzzOptions, type FuzzReport, type FuzzRun, turn } from "./fuzz-run.ts";
import { seededRandom } from "./mutation.ts";
import { createUdpInputs, type UdpInput, type UdpSource } from "./udp-inputs.ts";
import { LONGEST_READ_BYTES, udpActionName } from "./udp-oracle.ts";
import { UDP_KEY } from "./udp.ts";
import { createFuzzWorld, type FuzzWorld } from "./world.ts";

const HOSTS = [...Array.from({ length: 6 }, (_, index) => `127.0.${index % 2}.${index + 1}`), "::1"];
/** Sent at once; less than a socket's buffer holds. */
const BURST = 60;
const PATIENCE_MS = 10_000;
/** A connect with a transaction id that is in none of the inputs. */
const PROBE = Buffer.from("00000417271019800000000070726f62", "hex");
const PROBE_ANSWER = Buffer.from("0000000070726f62", "hex");

interface Client extends UdpSource {
  readonly socket: Socket;
  readonly to: string;
  readonly heard: Buffer[];
}

/** Throws an `Error` that shows the burst's first input at the first difference. */
export async function fuzzUdpSocket(kind: UdpSocketKind, options: FuzzOptions): Promise<FuzzReport> {
  const run = createFuzzRun(`udp-${kind}`, options);
  const [world, twin] = await Promise.all([options.seed, options.seed].map((seed) => createWorld(run, seed)));
  if (world === undefined || twin === undefined) throw new Error("there is no world");
  const server = await openUdpSocket(kind, {
    host: "::",
    port: 0,
    answer: frontendOf(run, world),
    onError: (err) => run.log.error({ err }, "the socket failed"),
  });
  const clients = await Promise.all(HOSTS.map(openClient));
  const next = createUdpInputs({ ...run, key: UDP_KEY, sources: clients });
  const expect = createExpectations(frontendOf({ ...run, faults: { ...run.faults, count: () => undefined } }, twin));
  for (let done = 0; done < options.inputs; done += BURST) {
    const burst = Array.from({ length: Math.min(BURST, options.inputs - done) }, next);
    run.begin(Buffer.concat(burst.map(({ bytes }) => bytes)));
    const expected = await expect(burst, clients);
    for (const { from, bytes } of burst) send(clientAt(clients, from), server.port, bytes);
    await settle(clients, server.port);
    for (const [index, client] of clients.entries()) compare(run, client, expected[index] ?? []);
    for (let count = burst.length; count > 0; count--) run.end();
    run.takeStock();
    for (const { tidy } of [world, twin]) tidy();
  }
  for (const { socket } of clients) socket.close();
  await server.close();
  const report = run.report();
  await Promise.all([world.close(), twin.close()]);
  return report;
}

function createWorld(run: FuzzRun, seed: number): Promise<FuzzWorld> {
  return createFuzzWorld({ now: run.now, random: seededRandom(seed) });
}

function frontendOf(run: Pick<FuzzRun, "now" | "faults" | "log">, { service }: FuzzWorld): AnswerPacket {
  const connectionIds = createConnectionIds({ key: UDP_KEY, check: "strict", now: run.now });
  const { faults, log } = run;
  return createUdpFrontend({ service, connectionIds, allowCidrs: [], readsKeys: true, faults, log });
}

async function openClient(host: string): Promise<Client> {
  const isV6 = host.includes(":");
  const socket = createSocket(isV6 ? "udp6" : "udp4");
  const heard: Buffer[] = [];
  socket.on("message", (message) => void heard.push(message));
  socket.bind(0, host);
  await once(socket, "listening");
  return { socket, heard, host: parseHostAddress(host), port: socket.address().port, to: isV6 ? "::1" : "127.0.0.1" };
}

function clientAt(clients: readonly Client[], index: number): Client {
  const client = clients[index];
  if (client === undefined) throw new Error(`there is no client ${index}`);
  return client;
}

function send({ socket, to }: Client, port: number, bytes: Buffer): void {
  socket.send(bytes, port, to);
}

/** In order of asking, for each client. */
function createExpectations(answer: AnswerPacket) {
  const memory = packetMemory(4096);
  const [hostAt, replyAt] = [LONGEST_READ_BYTES, LONGEST_READ_BYTES + 16];
  return async (burst: readonly UdpInput[], clients: readonly Client[]): Promise<Buffer[][]> => {
    const replies = clients.map((): Buffer[] => []);
    for (const { from, bytes } of burst) {
      const { host, port } = clientAt(clients, from);
      const length = bytes.copy(memory.bytes, 0, 0, LONGEST_READ_BYTES);
      memory.bytes.write(host, hostAt, "latin1");
      const later = () => (reply: Buffer) => void replies[from]?.push(Buffer.from(reply));
      const replyBytes = answer({ ...memory, at: 0, length, hostAt, hostBytes: host.length, port, replyAt, later });
      if (replyBytes > 0) replies[from]?.push(Buffer.from(memory.bytes.subarray(replyAt, replyAt + replyBytes)));
    }
    await turn();
    return replies;
  };
}

/** A socket answers in order, but for scrapes, which are answered before the next turn: two probes one after the other are behind all. */
async function settle(clients: readonly Client[], port: number): Promise<void> {
  for (let round = 0; round < 2; round++) {
    for (const client of clients) send(client, port, PROBE);
    for (const client of clients) await heardProbe(client);
  }
}

async function heardProbe({ heard }: Client): Promise<void> {
  const isProbe = (reply: Buffer) => reply.subarray(0, PROBE_ANSWER.length).equals(PROBE_ANSWER);
  const deadline = performance.now() + PATIENCE_MS;
  while (!heard.some(isProbe)) {
    if (performance.now() > deadline) throw new Error("the socket does not answer any more");
    await delay(1);
  }
  heard.splice(heard.findIndex(isProbe), 1);
}

function compare(run: FuzzRun, { heard }: Client, expected: readonly Buffer[]): void {
  const [was, should] = [heard, expected].map((replies) => replies.map(comparable).toSorted());
  for (const reply of heard) run.noteReply(reply.length);
  run.note("compared");
  heard.length = 0;
  if (was?.join(" ") === should?.join(" ")) return;
  throw run.failure(`the socket says\n${was?.join("\n")}\nwhere memory says\n${should?.join("\n")}`);
}

/** Scrapes are counted when the turn ends, and a socket's turns are not those of memory: their counts may differ. */
function comparable(reply: Buffer): string {
  if (udpActionName(reply) !== "scrape") return reply.toString("hex");
  return `${reply.toString("hex", 0, 8)} and ${reply.length - 8} bytes of counts`;
}
