// Fuzzes the UDP front end in memory: every datagram is answered as BEP 15 says or not at all, within bounds, and every fault is counted.
import { createConnectionIds } from "../../tracker/src/frontends/udp/connection-ids.ts";
import { type Packet, replyRoom } from "../../tracker/src/frontends/udp/packet.ts";
import { createUdpFrontend } from "../../tracker/src/frontends/udp/udp-frontend.ts";
import { connectionKey } from "../../tracker/src/frontends/udp/udp-server.ts";
import { parseHostAddress } from "../../tracker/src/wire/compact-address.ts";
import { MAX_REPLY_BYTES_V4, packetMemory } from "../../tracker/src/wire/udp-packets.ts";
import { createFuzzRun, type FuzzOptions, type FuzzReport, type FuzzRun, turn } from "./fuzz-run.ts";
import { createUdpInputs, type UdpInput, type UdpSource } from "./udp-inputs.ts";
import { expectUdp, LONGEST_READ_BYTES, udpActionName, udpReplyFault, type UdpExpectation } from "./udp-oracle.ts";
import { createFuzzWorld, SERVICE_REASON } from "./world.ts";

export const UDP_KEY = connectionKey("the fuzzer's");
/** Scrapes are answered after the turn; they may wait for so many other datagrams. */
const TURN_EVERY = 100;

const SOURCES: readonly UdpSource[] = [
  ...Array.from({ length: 40 }, (_, index) => `10.0.${(index % 3) + 1}.${index + 1}`),
  ...Array.from({ length: 20 }, (_, index) => `fd00:${(index % 2) + 1}::${index + 1}`),
].map((text, index) => ({ host: parseHostAddress(text), port: index === 7 ? 0 : 6881 + index }));

/** A datagram whose answer is awaited. */
interface Asked {
  readonly input: UdpInput;
  readonly expected: UdpExpectation;
  readonly family: "ipv4" | "ipv6";
}

/** Throws an `Error` that shows the input at the first fault. */
export async function fuzzUdp(options: FuzzOptions): Promise<FuzzReport> {
  const run = createFuzzRun("udp", options);
  const world = await createFuzzWorld(run);
  const connectionIds = createConnectionIds({ key: UDP_KEY, check: "strict", now: run.now });
  const answer = createUdpFrontend({ ...world, ...run, connectionIds, allowCidrs: [], readsKeys: true });
  const next = createUdpInputs({ ...run, key: UDP_KEY, sources: SOURCES });
  const memory = createGuardedMemory(run);
  let waiting = 0;

  function ask(input: UdpInput): void {
    const source = SOURCES[input.from];
    if (source === undefined) throw new Error("there is no such source");
    const family = source.host.length === 4 ? "ipv4" : "ipv6";
    const asked: Asked = { input, family, expected: expectUdp(input, source.port) };
    let isLate = false;
    const packet = memory.packet(input.bytes, source, () => {
      isLate = true;
      waiting++;
      return (reply) => {
        waiting--;
        judge(run, asked, reply);
      };
    });
    run.begin(input.bytes);
    const faultsBefore = run.faultCount();
    const length = answer(packet);
    memory.check(packet, length);
    judgeCount(run, asked, run.faultCount() - faultsBefore);
    if (length > 0) judge(run, asked, packet.bytes.subarray(packet.replyAt, packet.replyAt + length));
    else if (!isLate) judgeSilence(run, asked);
    run.end();
  }

  for (let done = 0; done < options.inputs; done++) {
    ask(next());
    world.tidy();
    if (done % TURN_EVERY !== TURN_EVERY - 1) continue;
    await turn();
    if (waiting > 0) throw run.failure(`${waiting} datagrams are not answered`);
    run.takeStock();
  }
  await turn();
  const report = run.report();
  await world.close();
  return report;
}

function judge(run: FuzzRun, { input, expected, family }: Asked, bytes: Buffer): void {
  run.noteReply(bytes.length);
  const fault = udpReplyFault(input, expected, { bytes, family });
  if (fault !== undefined) throw run.failure(fault, input.bytes);
  const action = udpActionName(bytes);
  run.note(`${expected}: ${action}`);
  if (expected !== "announce" || action !== "error" || SERVICE_REASON.test(bytes.toString("utf8", 8))) return;
  throw run.failure(`a sound announce is refused: ${bytes.toString("utf8", 8)}`, input.bytes);
}

function judgeSilence(run: FuzzRun, { expected }: Asked): void {
  run.note(`${expected}: silence`);
  if (expected !== "ignored" && expected !== "stranger") throw run.failure(`silence answers ${expected}`);
}

function judgeCount(run: FuzzRun, { expected }: Asked, counted: number): void {
  const isFault = expected === "ignored" || expected === "stranger" || expected === "refused";
  if (counted !== (isFault ? 1 : 0)) throw run.failure(`${counted} faults are counted of what is ${expected}`);
}

const [REQUEST_AT, GUARD_BYTES, GUARD] = [64, 64, 0xa5];
const HOST_AT = REQUEST_AT + LONGEST_READ_BYTES + GUARD_BYTES;
const REPLY_AT = HOST_AT + 16 + GUARD_BYTES;
const MEMORY_BYTES = REPLY_AT + MAX_REPLY_BYTES_V4 + GUARD_BYTES;

/** Memory as a socket has it, with bytes around a reply's room that must stay as they are. */
function createGuardedMemory(run: FuzzRun) {
  const memory = packetMemory(MEMORY_BYTES);
  const { bytes } = memory;
  const before = Buffer.alloc(REPLY_AT);
  bytes.fill(GUARD);
  const guard = Buffer.alloc(MEMORY_BYTES - REPLY_AT, GUARD);
  return {
    packet(request: Buffer, { host, port }: UdpSource, later: Packet["later"]): Packet {
      const length = request.copy(bytes, REQUEST_AT, 0, LONGEST_READ_BYTES);
      bytes.write(host, HOST_AT, "latin1");
      const place = { at: REQUEST_AT, length, hostAt: HOST_AT, hostBytes: host.length, port, replyAt: REPLY_AT };
      const packet: Packet = { ...memory, ...place, later };
      bytes.copy(before, 0, 0, REPLY_AT);
      bytes.fill(GUARD, REPLY_AT + replyRoom(packet));
      return packet;
    },
    check(packet: Packet, length: number): void {
      const end = REPLY_AT + replyRoom(packet);
      const isWhole = bytes.compare(before, 0, REPLY_AT, 0, REPLY_AT) === 0;
      if (!isWhole || bytes.compare(guard, 0, MEMORY_BYTES - end, end) !== 0)
        throw run.failure("there is a write outside the reply's room");
      if (length < 0 || REPLY_AT + length > end) throw run.failure(`the reply has ${length} bytes`);
    },
  };
}
