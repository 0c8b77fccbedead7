import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SinkSettings } from "../accounting/sinks/sink-settings.ts";
import { readConfig } from "./config.ts";
import { ConfigError } from "./faults.ts";
import { printConfig } from "./print-config.ts";

type Environment = Readonly<Record<string, string>>;

const KEY = Buffer.alloc(32, 7);
const SECRET = `whsec_${KEY.toString("base64")}`;

function sinkOf(address: string, secret = ""): SinkSettings | undefined {
  const env = { ACCOUNTING: "true", ACCOUNTING_SINK: address, ACCOUNTING_SINK_SECRET: secret };
  const config = readConfig({ args: [], env, readFile: () => "" });
  if (config === "help") throw new Error("asked for no help");
  return config.accounting?.sink;
}

function faults(env: Environment): string[] {
  try {
    readConfig({ args: [], env: { ACCOUNTING: "true", ...env }, readFile: () => "" });
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ source, problem }) => `${source}: ${problem}`);
    throw error;
  }
  return [];
}

describe("where deltas are handed to", () => {
  it("is nowhere, unless a sink is named", () => {
    expect(sinkOf("")).toBeUndefined();
  });

  it("is a file, by its path or its address", () => {
    const file = "/var/log/rackcast/100%.ndjson";
    expect(sinkOf(file)).toEqual({ kind: "file", file, rotation: undefined });
    expect(sinkOf(`${file}?rotate=100MiB&keep=10`)).toEqual({
      kind: "file",
      file,
      rotation: { atBytes: 104_857_600, keep: 10 },
    });
    expect(sinkOf("file:///var/log/rackcast/100%25.ndjson?rotate=2GiB")).toEqual({
      kind: "file",
      file,
      rotation: { atBytes: 2_147_483_648, keep: undefined },
    });
  });

  it("is a stream of a Redis, with a name and no end unless told", () => {
    expect(sinkOf("redis://10.0.0.5")).toEqual({
      kind: "redis",
      redis: {
        place: { kind: "single", address: { host: "10.0.0.5", port: 6379 }, database: 0 },
        username: undefined,
        password: undefined,
        tls: undefined,
      },
      stream: "rackcast:deltas",
      maxLength: undefined,
    });
    const options = "stream=%7Bmine%7D:deltas&maxlen=5000000&ca=/etc/ca.pem&cluster=true";
    expect(sinkOf(`rediss://me:p%40ss@[fd00::5]:7000?${options}`)).toEqual({
      kind: "redis",
      redis: {
        place: { kind: "cluster", nodes: [{ host: "fd00::5", port: 7000 }] },
        username: "me",
        password: "p@ss",
        tls: { caFile: "/etc/ca.pem" },
      },
      stream: "{mine}:deltas",
      maxLength: 5_000_000,
    });
  });

  it("is a webhook, whatever its query says, signed with every key", () => {
    const url = "https://me:pw@billing.example:8443/in?rotate=1&token=a";
    const other = Buffer.alloc(24, 9);
    const secrets = ` ${SECRET}  whsec_${other.toString("base64")} `;
    expect(sinkOf(url, secrets)).toEqual({ kind: "webhook", url, keys: [KEY, other] });
  });

  it("is a table of PostgreSQL, with all that its client takes", () => {
    expect(sinkOf("postgresql://host/db")).toEqual({
      kind: "postgres",
      url: "postgresql://host/db",
      table: "rackcast_deltas",
    });
    const url = "postgres://me:p%40s%3Fs@[fd00::7]:6432/billing?sslmode=verify-full&application_name=ams1";
    expect(sinkOf(`${url}&table=billing.deltas`)).toEqual({ kind: "postgres", url, table: "billing.deltas" });
    const socket = "postgres:///billing?host=%2Frun%2Fpostgresql";
    expect(sinkOf(socket)).toMatchObject({ kind: "postgres", url: socket });
  });
});

describe("what is refused of sinks", () => {
  it.each<[string, string, string]>([
    ["a relative path", "deltas.ndjson", "is neither an absolute path nor an address"],
    ["a relative path behind file:", "file:deltas.ndjson", "names no absolute path"],
    ["a host behind file:", "file://var/log/deltas.ndjson", "names no absolute path"],
    ["a folder", "/var/log/", "names no file"],
    ["an encoded slash in a file's name", "file:///a%2Fb", "is no address of a file"],
    ["a scheme of no sink", "kafka://host/topic", "begins like an address of no sink"],
    ["a strange option of a file", "/d.ndjson?rotat=1GiB", "has an option rotat that it does not take"],
    ["an option twice", "/d.ndjson?rotate=1GiB&rotate=2GiB", "has the option rotate twice"],
    ["a size without a unit", "/d.ndjson?rotate=1048576", "has no size to rotate at"],
    ["a size below a batch's", "/d.ndjson?rotate=1KiB", "has no size to rotate at"],
    ["no files to keep", "/d.ndjson?rotate=1GiB&keep=0", "has no number of files to keep"],
    ["files to keep of none", "/d.ndjson?keep=7", "says what to keep, but not when to rotate"],
    ["no host of a Redis", "redis:///0", "is no address of a Redis"],
    ["a strange option of a Redis", "redis://a?strem=b", "has an option strem that it does not take"],
    ["a stream without a name", "redis://a?stream=", "names no stream"],
    ["a stream in two slots", "redis://a?stream=%7Ba%7Db%7D", "names no stream"],
    ["a length that is none", "redis://a?maxlen=1e6", "has no length of a stream"],
    ["a database of a Cluster", "redis://a/1?cluster=true", "names a database of a Cluster"],
    ["half a Cluster", "redis://a?cluster=maybe", "has cluster neither true nor false"],
    ["an authority without TLS", "redis://a?ca=/ca.pem", "names an authority, but speaks no TLS"],
    ["an authority nowhere", "rediss://a?ca=ca.pem", "has ca without an absolute path"],
    ["no URL of a webhook", "https:/billing", "is no URL of a webhook"],
    ["a fragment of a webhook", "https://billing/#in", "is no URL of a webhook"],
    ["a port that is none", "postgres://a:b/c", "is no address of a PostgreSQL"],
    ["a password that is not encoded", "postgres://u:1%@a/c", "is no address of a PostgreSQL"],
    ["a strange option of PostgreSQL", "postgres://a/b?ssl_mode=no", "has an option ssl_mode that it does not take"],
    ["a table with a quote", "postgres://a/b?table=a%22b", "names no table"],
  ])("is %s", (_, address, expected) => {
    const [fault, ...more] = faults({ ACCOUNTING_SINK: address });
    expect(fault).toContain(`ACCOUNTING_SINK: ${expected}`);
    expect(fault).toContain("; ");
    expect(more).toEqual([]);
  });

  it.each<[string, string, string, string]>([
    ["a secret without a sink", "", SECRET, "ACCOUNTING_SINK_SECRET: is for a webhook"],
    ["a secret of a sink that takes none", "/d.ndjson", SECRET, "ACCOUNTING_SINK_SECRET: is for a webhook"],
    ["a webhook without a secret", "https://a", "", "ACCOUNTING_SINK: is a webhook"],
    ["a secret without its prefix", "https://a", KEY.toString("base64"), "ACCOUNTING_SINK_SECRET: is no secret"],
    ["a secret that is no base64", "https://a", `${SECRET.slice(0, -1)}!`, "ACCOUNTING_SINK_SECRET: is no secret"],
    ["a short secret", "https://a", `whsec_${"A".repeat(28)}`, "ACCOUNTING_SINK_SECRET: is no secret"],
    ["a good secret beside a bad one", "https://a", `${SECRET} other`, "ACCOUNTING_SINK_SECRET: is no secret"],
  ])("is %s", (_, address, secret, expected) => {
    const found = faults({ ACCOUNTING_SINK: address, ACCOUNTING_SINK_SECRET: secret });
    expect(found.map((fault) => fault.slice(0, expected.length))).toEqual([expected]);
    expect(found.join()).toMatch(/; .*(remove|give|write)/);
  });
});

it("is refused where nothing is counted", () => {
  expect(faults({ ACCOUNTING: "false", ACCOUNTING_SINK: "/d.ndjson" })).toEqual([
    "ACCOUNTING_SINK: is given, but nothing is counted; set ACCOUNTING to true, or remove it",
  ]);
});

describe("secrets of a sink", () => {
  it("are in no complaint, however wrong the address is", () => {
    const password = fc.stringMatching(/^[!-~]{8,20}$/);
    const address = fc.constantFrom(
      "redis://u:%@h/x",
      "redis://u:%@h?a=1",
      "postgres://u:%@h/d?a=1",
      "https://u:%@h/#x",
      "kafka://u:%@h",
      "%",
    );
    fc.assert(
      fc.property(address, password, (text, secret) => {
        const given = text.replace("%", () => secret);
        expect(faults({ ACCOUNTING_SINK: given, ACCOUNTING_SINK_SECRET: secret }).join()).not.toContain(secret);
      }),
    );
  });

  it("are not printed with the settings", () => {
    const env = {
      ACCOUNTING: "true",
      ACCOUNTING_SINK: "https://u:hidden1@h/?token=hidden2",
      ACCOUNTING_SINK_SECRET: SECRET,
    };
    const text = printConfig({ args: ["--print-config"], env, readFile: () => "" });
    expect(text).not.toMatch(/hidden\d|BwcH/);
    expect(text?.match(/It is given, and not shown here\./g)).toHaveLength(2);
  });
});
