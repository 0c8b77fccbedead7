import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readConfig } from "./config.ts";
import { withoutSecrets } from "./hidden-secrets.ts";
import { printConfig } from "./print-config.ts";
import { SETTINGS } from "./settings.ts";

interface Given {
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  readonly yaml?: string;
}

const sources = ({ args = [], env = {}, yaml }: Given) => ({
  args: yaml === undefined ? args : [...args, "--config", "r.yaml"],
  env,
  readFile: () => yaml ?? "",
});
const print = (given: Given = {}) =>
  printConfig(sources({ ...given, args: [...(given.args ?? []), "--print-config"] }))!;
const read = (given: Given) => readConfig(sources(given));
const uncommented = (text: string) => text.replace(/^#(?=[A-Z])/gm, "");

describe("the settings that are printed", () => {
  it("are none unless asked for", () => {
    expect(printConfig(sources({}))).toBeUndefined();
  });

  it("are all settings with their descriptions, and what is read back from them is the defaults", () => {
    const text = print();
    for (const [name, { description }] of SETTINGS) {
      expect(text).toMatch(new RegExp(`^#${name}:`, "m"));
      expect(text.replace(/\n# /g, " ")).toContain(description);
    }
    expect(parse(text)).toBeNull();
    expect(read({ yaml: text })).toEqual(read({}));
  });

  it("are the defaults, with or without the # before them", () => {
    const text = uncommented(print());
    const values = parse(text) as Record<string, unknown>;
    expect(Object.keys(values)).toEqual([...SETTINGS.keys()]);
    for (const [name, { default: fallback }] of SETTINGS) expect(values[name] ?? "").toEqual(fallback);
    expect(read({ yaml: text })).toEqual(read({}));
  });

  it("are what would be used, whoever gave it, and give the same tracker again", () => {
    const given = {
      args: ["--levels", "dc,rack", "--max-repr", "dc:3", "--host", "127.0.0.1"],
      env: { TOPOLOGY_FILE: "it's: #1", ALLOW_CIDRS: "10.0.0.0/8,fd00::/8", DEBUG: "yes", UNKNOWN_RACK: "own" },
      yaml: "PORT: 7000\nHOST: 127.0.0.2\n",
    };
    const text = print(given);
    expect(parse(text)).toEqual({
      HOST: "127.0.0.1",
      PORT: 7000,
      TOPOLOGY_FILE: "it's: #1",
      LEVELS: ["dc", "rack"],
      MAX_REPR: { dc: 3 },
      UNKNOWN_RACK: "own",
      ALLOW_CIDRS: ["10.0.0.0/8", "fd00::/8"],
      DEBUG: true,
    });
    expect(read({ yaml: text })).toEqual(read(given));
  });

  it("never show a secret", () => {
    const env = {
      API_TOKEN: "secret1",
      STORE: "redis",
      REDIS_URL: "redis://:secret2@host",
      REDIS_PASSWORD: "secret2",
      UDP_SECRET: "secret3",
    };
    const text = print({ env });
    expect(text).not.toMatch(/secret\d/);
    expect(text.match(/It is given, and not shown here\./g)).toHaveLength(4);
  });

  it("show resolvers as they are, in a form that is read back", () => {
    const given = { env: { RESOLVERS: "[{type: subnet, name: plan, prefixes: {10.0.0.0/8: rack1}}]" } };
    const text = print(given);
    expect(parse(text)).toMatchObject({ RESOLVERS: [{ type: "subnet", name: "plan" }] });
    expect(read({ yaml: text })).toEqual(read(given));
  });

  it("never show a secret within resolvers", () => {
    const definition = {
      token: "secret1",
      token_file: "/etc/token",
      headers: { "X-Auth": "secret2", More: ["secret3"] },
      url: "https://me:secret4@smdb.example/x@y",
      inner: [{ apiKey: "secret5" }],
    };
    const shown = withoutSecrets([definition]);
    expect(JSON.stringify(shown)).not.toMatch(/secret\d/);
    expect(shown).toMatchObject([{ token_file: "/etc/token", url: "https://(not shown)@smdb.example/x@y" }]);
  });

  it("are refused when they are wrong", () => {
    expect(() => print({ args: ["--port", "high"] })).toThrow(/--port: got "high"/);
  });
});
