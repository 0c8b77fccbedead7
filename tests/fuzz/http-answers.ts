// Fuzzes the HTTP front end as a whole, from bytes on a connection to the service and back: all answers are sound and bounded, all faults counted.
import { createServer, type Server } from "node:http";
import bencode from "bencode";
import { createHttpFrontend } from "../../tracker/src/frontends/http/http-frontend.ts";
import { decodeBencode } from "../../tracker/src/wire/bencode.ts";
import { createFuzzRun, type FuzzOptions, type FuzzReport, type FuzzRun, turn } from "./fuzz-run.ts";
import { createHttpInputs, type HttpInput } from "./http-inputs.ts";
import { type ReadResponse, readResponses } from "./http-response.ts";
import { MemorySocket } from "./memory-socket.ts";
import { createFuzzWorld, type FuzzWorld, SERVICE_REASON } from "./world.ts";

/** A proxy that is trusted is among them. */
export const HTTP_HOSTS = [
  ...Array.from({ length: 30 }, (_, index) => `10.0.${index % 4}.${index + 1}`),
  "::ffff:10.0.9.9",
  "fd00:1::1",
];
const PROXY = "10.0.9.9";
/** A handout of `MAXPEERS` as dictionaries, and a scrape of as many as a query holds. */
const MOST_BODY_BYTES = 64 * 1024;
const MOST_TURNS = 5;

/** Throws an `Error` that shows the input at the first fault. */
export async function fuzzHttpAnswers(options: FuzzOptions): Promise<FuzzReport> {
  const run = createFuzzRun("http", options);
  const world = await createFuzzWorld(run);
  const server = createHttpServer(run, world);
  const next = createHttpInputs({ ...run, hosts: HTTP_HOSTS.length });
  for (let done = 0; done < options.inputs; done++) {
    await ask(run, server, next());
    world.tidy();
    run.takeStock();
  }
  const report = run.report();
  await world.close();
  return report;
}

/** As the tracker has it, but for the REST API. */
export function createHttpServer(run: FuzzRun, { service }: FuzzWorld): Server {
  const { faults, log } = run;
  const frontend = createHttpFrontend({
    service,
    faults,
    log,
    trustedProxies: [PROXY],
    proxyPass: false,
    allowCidrs: [],
  });
  const server = createServer({ noDelay: false, requireHostHeader: false }, (request, response) => {
    if (frontend.refuses(request, response)) return;
    if (frontend.handles(request.url ?? "")) frontend.handle(request, response);
    else response.writeHead(404, { "Content-Length": 0 }).end();
  });
  server.on("clientError", (error, socket) => frontend.onClientError(error, socket as never));
  frontend.takeConnections(server);
  return server;
}

/** On a connection of its own. */
async function ask(run: FuzzRun, server: Server, { from, bytes: input }: HttpInput): Promise<void> {
  const socket = new MemorySocket({
    remoteAddress: HTTP_HOSTS[from] ?? "",
    remotePort: 1024 + run.chance.below(60_000),
  });
  const faultsBefore = run.faultCount();
  run.begin(input);
  server.emit("connection", socket);
  socket.push(input);
  let written = Buffer.alloc(0);
  for (let turns = 0; turns < MOST_TURNS; turns++) {
    await turn();
    const more = socket.takeWritten();
    if (more.length === 0) break;
    written = Buffer.concat([written, more]);
  }
  judge(run, input, written, run.faultCount() - faultsBefore);
  socket.destroy();
  run.end();
}

function judge(run: FuzzRun, input: Buffer, written: Buffer, counted: number): void {
  run.noteReply(written.length);
  if (written.length === 0) run.note("silence");
  const responses = responsesOf(run, input, written);
  const outcomes = responses.map((response) => outcomeOf(run, response));
  for (const outcome of outcomes) run.note(outcome);
  const refusals = outcomes.filter((outcome) => outcome.startsWith("refused with")).length;
  // What an answer to HEAD would say is not seen, and node:http reads on behind an answer that is the last.
  const unseen = outcomes.filter((outcome) => outcome === "head").length;
  const isCut = responses.at(-1)?.headers.get("connection") === "close";
  if (counted >= refusals && (isCut || counted <= refusals + unseen)) return;
  const answers = JSON.stringify(written.toString("latin1"));
  throw run.failure(`${counted} faults are counted where ${refusals} requests are refused: ${answers}`);
}

function responsesOf(run: FuzzRun, input: Buffer, written: Buffer): ReadResponse[] {
  try {
    return readResponses(written, input.includes("HEAD "));
  } catch (error) {
    throw run.failure(`${String(error)}:\n${JSON.stringify(written.toString("latin1"))}`);
  }
}

function outcomeOf(run: FuzzRun, { status, headers, body }: ReadResponse): string {
  if (status === 100) return "continue";
  if (status === 404) return "elsewhere";
  if (body === undefined) return "head";
  if (body.length > MOST_BODY_BYTES) throw run.failure(`a body has ${body.length} bytes`);
  // What node:http says by itself.
  if (status === 417) return "expectation failed";
  if (headers.get("content-type") !== "text/plain") throw run.failure(`an answer of status ${status} is no bencode`);
  const fields = decoded(run, body);
  const reason = fields["failure reason"];
  if (reason === undefined) return "files" in fields ? "scrape" : announceOutcome(run, fields);
  const text = Buffer.from(reason as Uint8Array).toString();
  return status === 200 && SERVICE_REASON.test(text) ? "failure of the service" : `refused with ${status}`;
}

function announceOutcome(run: FuzzRun, fields: Record<string, unknown>): string {
  if (typeof fields["interval"] === "number" && "peers" in fields) return "announce";
  throw run.failure(`an answer has the fields ${Object.keys(fields).join(", ")}`);
}

function decoded(run: FuzzRun, body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = bencode.decode(body);
    // The oracle is lenient, and takes bytes in the names of fields for text.
    decodeBencode(body);
    return value as Record<string, unknown>;
  } catch {
    throw run.failure(`a body is no canonical bencode: ${JSON.stringify(body.toString("latin1"))}`);
  }
}
