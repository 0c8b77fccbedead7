// The reference SMDB as a process: npm run smdb -- --data hosts.yaml --port 8080
import closeWithGrace from "close-with-grace";
import { parseArgs } from "node:util";
import { Value } from "typebox/value";
import { Faults } from "./faults.ts";
import { startReferenceSmdb } from "./smdb.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const GRACE_MS = 2000;

const HELP = `Usage: npm run smdb -- --data hosts.yaml [options]

  --data FILE        hosts in YAML, read again when it changes or on SIGHUP
  --host ADDRESS     what to listen on (127.0.0.1)
  --port PORT        (8080)
  --token TOKEN      what askers must show; also read from SMDB_TOKEN
  --tls-cert FILE    speak TLS, together with --tls-key
  --tls-key FILE
  --faults JSON      how lookups are answered wrongly from the start, such as {"delayMs":5000},
                     {"status":500}, {"garbage":true} or {"silence":true}; later by PUT /faults
`;

const OPTIONS = {
  data: { type: "string" },
  host: { type: "string", default: "127.0.0.1" },
  port: { type: "string", default: "8080" },
  token: { type: "string" },
  "tls-cert": { type: "string" },
  "tls-key": { type: "string" },
  faults: { type: "string", default: "{}" },
  help: { type: "boolean", default: false },
} as const;

const options = readOptions();
if (options !== undefined) await run(options);

function readOptions() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    if (values.help) return void process.stdout.write(HELP);
    const { data: dataFile, host, token = process.env["SMDB_TOKEN"] } = values;
    const { "tls-cert": certFile, "tls-key": keyFile } = values;
    if (dataFile === undefined) throw new Error("--data is missing: name a file of hosts");
    if ((certFile === undefined) !== (keyFile === undefined)) throw new Error("give both --tls-cert and --tls-key");
    const tls = certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : undefined;
    return { dataFile, host, port: readPort(values.port), token, tls, faults: readFaults(values.faults) };
  } catch (error) {
    process.stderr.write(`smdb: ${messageOf(error)}\n\n${HELP}`);
    process.exitCode = EXIT_USAGE;
    return undefined;
  }
}

async function run(wanted: NonNullable<ReturnType<typeof readOptions>>): Promise<void> {
  const onReload = (result: number | Error) =>
    void process.stderr.write(
      typeof result === "number" ? `smdb: read again: ${result} hosts\n` : `smdb: ${result.message}\n`,
    );
  try {
    const smdb = await startReferenceSmdb({ ...wanted, onReload });
    process.on("SIGHUP", () => void smdb.reload());
    closeWithGrace({ delay: GRACE_MS, logger: false, skip: ["SIGHUP", "beforeExit"] }, () => smdb.close());
    process.stdout.write(`Reference SMDB listening on ${smdb.url}\n`);
  } catch (error) {
    process.stderr.write(`smdb: ${messageOf(error)}\n`);
    process.exitCode = EXIT_FAILED;
  }
}

function readPort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw new Error(`--port ${text} is no port; write 0 to 65535`);
  return Number(text);
}

function readFaults(text: string): Faults {
  const faults: unknown = JSON.parse(text);
  if (Value.Check(Faults, faults)) return faults;
  const [fault] = Value.Errors(Faults, faults);
  throw new Error(`--faults${fault?.instancePath ?? ""} ${fault?.message ?? "is none"}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
