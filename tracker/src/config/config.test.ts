import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfig, type TrackerConfig } from "./config.ts";
import { printDocumentation } from "./documentation.ts";
import { ConfigError } from "./faults.ts";
import { printHelp } from "./help.ts";
import { valueOfText, textOfValue } from "./setting-values.ts";
import { flagOf, SETTINGS } from "./settings.ts";

interface Given {
  readonly env?: Record<string, string>;
  readonly yaml?: string;
}

function read(args: readonly string[], { env = {}, yaml }: Given = {}): TrackerConfig {
  const all = yaml === undefined ? args : [...args, "--config", "r.yaml"];
  const config = readConfig({ args: all, env, readFile: () => yaml ?? "" });
  if (config === "help") throw new Error("asked for no help");
  return config;
}

function faults(args: readonly string[], given?: Given): string[] {
  try {
    read(args, given);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ source, problem }) => `${source}: ${problem}`);
    throw error;
  }
  return [];
}

describe("where settings come from", () => {
  it("has defaults for all of them", () => {
    const config = read([]);
    expect(config).toMatchObject({ host: "::", port: 6969, dataDir: "./rackcast-data", snapshotEverySeconds: 5 });
    expect(config).toMatchObject({ apiToken: undefined, debug: false, allowCidrs: [], announceKeys: "off" });
    expect(config.topology).toEqual({
      definitions: [],
      ttlSeconds: 300,
      negativeTtlSeconds: 30,
      timeoutSeconds: 1,
      patienceSeconds: 10,
    });
    expect(config.policy.levels).toEqual([{ name: "rack", maxRepresentatives: 2, activeRepresentatives: 1 }]);
  });

  it("lets flags win over the environment, and the environment over the file", () => {
    const yaml = "PORT: 1\nMAXPEERS: 2\nHOST: 127.0.0.3\n";
    const config = read(["--port", "3"], { env: { PORT: "4", MAXPEERS: "5" }, yaml });
    expect([config.port, config.policy.maxPeers, config.host]).toEqual([3, 5, "127.0.0.3"]);
  });

  it("puts its data into systemd's folder unless another is named", () => {
    const env = { STATE_DIRECTORY: "/var/lib/rackcast:/var/lib/more" };
    expect(read([], { env }).dataDir).toBe("/var/lib/rackcast");
    expect(read(["--data-dir", "/elsewhere"], { env }).dataDir).toBe("/elsewhere");
  });

  it("ignores the environment's other variables, and takes an empty one for not set", () => {
    expect(read([], { env: { COLOUR: "red", API_TOKEN: "", PORT: "", npm_config_port: "x" } })).toEqual(read([]));
  });

  it("takes levels as text or as YAML's own lists and mappings", () => {
    const levels = [
      { name: "dc", maxRepresentatives: 4, activeRepresentatives: 3 },
      { name: "row", maxRepresentatives: 2, activeRepresentatives: 1 },
      { name: "rack", maxRepresentatives: 5, activeRepresentatives: 1 },
    ];
    const text = ["--levels", "dc,row,rack", "--max-repr", "dc:4", "--active-repr", "dc:3", "--max-repr-rack=5"];
    expect(read(text).policy.levels).toEqual(levels);
    const yaml = "LEVELS: [dc, row, rack]\nMAX_REPR: { dc: 4, rack: 5 }\nACTIVE_REPR: { dc: 3 }\n";
    expect(read([], { yaml }).policy.levels).toEqual(levels);
  });

  it("knows switches by their name alone, and with a word", () => {
    expect(read(["--debug", "--proxypass=no"])).toMatchObject({ debug: true, proxyPass: false });
    expect(read([], { env: { DEBUG: "1", PROXYPASS: "on" } })).toMatchObject({ debug: true, proxyPass: true });
  });
});

describe("TLS", () => {
  const files = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];

  it("is spoken when port, certificate and key are given", () => {
    expect(read([]).tls).toBeUndefined();
    const tls = { port: 6970, certFile: "cert.pem", keyFile: "key.pem" };
    expect(read(["--tls-port", "6970", ...files]).tls).toEqual(tls);
  });

  it("is refused when one of the three is missing, or its port is taken by the other", () => {
    expect(faults(files)).toEqual([
      expect.stringMatching(/^--tls-cert: is given, but TLS_PORT is 0/),
      expect.stringMatching(/^--tls-key: is given, but TLS_PORT is 0/),
    ]);
    expect(faults(["--tls-port", "6970", "--tls-cert", "cert.pem"])).toEqual([
      expect.stringMatching(/^TLS_KEY: is missing/),
    ]);
    expect(faults(["--tls-port", "6969", ...files])).toEqual([expect.stringMatching(/^--tls-port: is PORT, too/)]);
  });
});

describe("what is refused", () => {
  it("is everything at once, each with its name, what it got and what it takes", () => {
    const yaml = "COLOUR: red\nMAXPEERS: many\nALLOW_CIDRS: [10.0.0.0/40]\n";
    const env = { ANNOUNCE_EVERY: "1", INTRODUCTION: "slow", ANNOUNCE_KEYS: "on" };
    expect(faults(["--port", "99999", "--maxpeer", "4", "extra"], { env, yaml })).toEqual([
      "r.yaml: COLOUR: is no setting of the tracker; remove it",
      "--maxpeer: is no setting of the tracker; is maxpeers meant?",
      "extra: belongs to no flag; see --help",
      'r.yaml: MAXPEERS: got "many"; takes a whole number from 1 to 1000',
      'r.yaml: ALLOW_CIDRS: "10.0.0.0/40" is no address range; write it like 10.0.0.0/8 or fd00::/8',
      'ANNOUNCE_EVERY: got "1"; takes a number from 2 to 3600',
      'INTRODUCTION: got "slow"; takes one of auto, plain, late, fan',
      'ANNOUNCE_KEYS: got "on"; takes one of off, optional, required',
      '--port: got "99999"; takes a whole number from 0 to 65535',
    ]);
  });

  it("is a flag without its value, and an empty folder", () => {
    expect(faults(["--data-dir", "", "--port"])).toEqual([
      "--port: has no value; write one behind it",
      '--data-dir: got ""; takes text',
    ]);
  });

  it("is a file that cannot be read, is no YAML, or is no mapping", () => {
    const readFile = () => {
      throw new Error("ENOENT");
    };
    expect(() => readConfig({ args: ["--config", "gone.yaml"], env: {}, readFile })).toThrow(
      /gone.yaml cannot be read/,
    );
    expect(faults([], { yaml: "PORT: [1" })[0]).toMatch(/^r.yaml: /);
    expect(faults([], { yaml: "PORT: 1\nPORT: 2" })[0]).toMatch(/^r.yaml: .*unique/);
    expect(faults([], { yaml: "- PORT" })[0]).toMatch(/is no mapping/);
  });

  it("is a level that there is not, and two values for one thing", () => {
    expect(faults(["--max-repr", "row:2"])).toEqual(["--max-repr: names row, but LEVELS is rack; use those names"]);
    expect(faults(["--max-repr", "rack:2", "--max-repr-rack", "3"])).toEqual([
      "--max-repr-rack: got 3, but --max-repr says 2 for rack; keep one of the two",
    ]);
    expect(faults(["--levels", "rack,rack"])).toHaveLength(1);
  });

  it("is more active representatives than representatives", () => {
    expect(faults(["--active-repr-rack", "3"])[0]).toMatch(
      /^--active-repr-rack: lets 3 pull into each rack where at most 2/,
    );
  });

  it("is never a token in clear", () => {
    expect(faults([], { env: { API_TOKEN: "my secret" } }).join()).not.toContain("secret");
    expect(faults([], { env: { REDIS_URL: "redis://:my#secret@host" } })).toEqual([
      "REDIS_URL: is no address of a Redis; write it like redis://host:6379/0, and give its password by REDIS_PASSWORD",
    ]);
    const yaml =
      "STORE: redis\nREDIS_URL: redis://:secret1@host\nREDIS_PASSWORD: [secret2]\nREDIS_SENTINEL_PASSWORD: 7\n";
    expect(faults([], { yaml })).toHaveLength(2);
    expect(faults([], { yaml }).join()).not.toMatch(/secret\d|7/);
  });
});

it("every value reads back from the text it is printed as", () => {
  const values = {
    string: fc.stringMatching(/^[a-z]+$/),
    integer: fc.integer({ min: 0, max: 65535 }),
    boolean: fc.boolean(),
    array: fc.array(fc.stringMatching(/^[a-z]+$/)),
    object: fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.integer({ min: 1, max: 1000 }), { noNullPrototype: true }),
  };
  for (const [type, value] of Object.entries(values)) {
    const schema = { type, description: "", default: undefined };
    fc.assert(
      fc.property(value, (one) => {
        expect(valueOfText(textOfValue(one), schema)).toEqual(one);
      }),
    );
  }
});

it("help and documentation know every setting, and ops/docs/configuration.md is current (else: npm run docs:config)", () => {
  const file = readFileSync(new URL("../../../ops/docs/configuration.md", import.meta.url), "utf8");
  expect(file).toBe(printDocumentation());
  for (const name of SETTINGS.keys()) {
    expect(printHelp()).toContain(`${flagOf(name)}  (${name})`);
    expect(file).toContain(`## \`${name}\``);
  }
});

describe("resolvers", () => {
  const SUBNET = "{type: subnet, prefixes: {10.77.1.0/24: rack1}}";
  const namesOf = (config: TrackerConfig) => config.topology.definitions.map(({ name, source }) => `${source} ${name}`);

  it("are a list in the YAML file, or as YAML in the environment and in flags", () => {
    const configs = [
      read([], { yaml: `RESOLVERS:\n  - type: subnet\n    prefixes:\n      10.77.1.0/24: rack1\n` }),
      read([], { env: { RESOLVERS: `[${SUBNET}]` } }),
      read(["--resolvers", `- type: subnet\n  prefixes: {10.77.1.0/24: rack1}`]),
      read([], { env: { RESOLVERS: '[{"type":"subnet","prefixes":{"10.77.1.0/24":"rack1"}}]' } }),
    ];
    for (const config of configs) {
      expect(config.topology.definitions).toMatchObject([
        { name: "subnet", source: "RESOLVERS[0]", settings: { prefixes: { "10.77.1.0/24": "rack1" } } },
      ]);
    }
  });

  it("stand behind the topology file", () => {
    const config = read(["--topology-file", "racks"], { env: { RESOLVERS: `[{type: file, file: more}, ${SUBNET}]` } });
    expect(namesOf(config)).toEqual(["TOPOLOGY_FILE file", "RESOLVERS[0] file-2", "RESOLVERS[1] subnet"]);
  });

  it("are refused with every fault, among those of other settings", () => {
    const yaml = "RESOLVERS: [{type: subent}, {type: file}]\n";
    expect(faults(["--port", "high"], { yaml })).toEqual([
      "r.yaml: RESOLVERS[0].type: is no kind of resolver; is subnet meant?",
      expect.stringMatching(/^r\.yaml: RESOLVERS\[1\]\.file: is missing; write the file/),
      '--port: got "high"; takes a whole number from 0 to 65535',
    ]);
  });

  it.each(["[{type: subnet", "s3cret", "{type: subnet, token: s3cret}"])(
    "that are no list are refused, and not shown: %s",
    (text) => {
      expect(faults(["--resolvers", text])).toEqual([
        expect.stringMatching(/^--resolvers: got something else \(not shown\); takes a list in YAML, such as \[/),
      ]);
    },
  );

  it.each([
    ["smdb.example", /is no URL of a service; write it like https:/],
    ["ftp://smdb.example", /is no URL of a service/],
    ["https://me:s3cret@smdb.example", /holds a user or a password; use RESOLVERS/],
  ])("are not asked at SMDB_URL=%s", (url, problem) => {
    const [fault, ...others] = faults([], { env: { SMDB_URL: url } });
    expect([fault, others]).toEqual([expect.stringMatching(problem), []]);
    expect(fault).not.toContain("s3cret");
  });
});
