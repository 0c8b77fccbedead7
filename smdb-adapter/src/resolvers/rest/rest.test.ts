import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { TopologyError } from "../../errors.ts";
import { restKind } from "./rest.ts";
import type { RestSettings } from "./rest-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "rackcast-rest-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The settings at fault, each with what is wrong with it. */
async function faultsOf(settings: RestSettings, levels: readonly string[] | undefined): Promise<string[]> {
  try {
    const resolver = await restKind.start(settings, { name: "rest", levels, timeoutMs: 1000, onEvent: () => {} });
    await resolver.close();
    return [];
  } catch (error) {
    if (!(error instanceof TopologyError)) throw error;
    expect(error.code).toBe("RESOLVER_SETTINGS_FAULTY");
    expect(error.faults.every(({ remedy }) => remedy !== "")).toBe(true);
    return error.faults.map(({ source, problem }) => `${source} ${problem}`);
  }
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const url = "https://smdb.example";
const RACK = ["rack"];

it("starts without asking the service, which may come up later", async () => {
  expect(await faultsOf({ url: "http://127.0.0.1:1" }, RACK)).toEqual([]);
});

it("has all of its settings documented", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../../ops/docs/topology.md"), "utf8");
  const [section = ""] = page.split("\n## `rest`\n")[1]?.split("\n## ") ?? [];
  const names = Object.keys(restKind.settings.properties);
  expect(names.filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
});

it("names every setting at fault at once", async () => {
  const settings: RestSettings = {
    url: "ftp://smdb.example",
    path: "/servers",
    hosts: "servers",
    headers: { Host: "elsewhere", "X Y": "1" },
    token: "a",
    token_file: join(folder, "absent"),
    username: "u",
    levels: { row: "/row" },
  };
  const faults = await faultsOf(settings, RACK);
  expect(faults).toEqual([
    "path does not say for which address",
    "hosts is no JSON pointer",
    "levels is no level of the topology",
    "levels is missing",
    "url is neither http:// nor https://",
    "headers is set by the client itself",
    "headers is no header of HTTP",
    "token_file is there beside token",
    expect.stringMatching(/^token_file cannot be read: .*absent/),
    "username is there without password",
  ]);
});

it.each<[string, RestSettings, readonly string[] | undefined, readonly string[]]>([
  ["a malformed URL", { url: "smdb" }, undefined, ["url is no URL"]],
  ["a URL with a query", { url: `${url}/?a=b` }, undefined, ["url has a query in it"]],
  ["a preset that knows less levels", { url }, ["dc", "hall", "row", "rack"], ["preset knows no place of 4 levels"]],
  ["no level", { url, levels: {} }, undefined, ["levels names no level"]],
  [
    "a name given twice",
    { url, follow: [{ take: { address: "/id" }, path: "/{address}" }] },
    undefined,
    ["follow.0.take is a name that is taken"],
  ],
  [
    "a name that nothing gives",
    { url, follow: [{ take: { id: "/id" }, path: "/{key}" }] },
    undefined,
    ["follow.0.path has {key} in it, which nothing gives"],
  ],
  [
    "a token and a password",
    { url, token: "a", username: "u", password: "p" },
    undefined,
    ["token is there beside username"],
  ],
  [
    "two authorizations",
    { url, token: "a", headers: { Authorization: "b" } },
    undefined,
    ["headers is there beside a token or password"],
  ],
  ["a token of two lines", { url, token: "a\nb" }, undefined, ["token has no token of one line in it"]],
])("refuses %s", async (_, settings, levels, expected) => {
  const faults = await faultsOf(settings, levels);
  expect(faults).toEqual(expected);
});

it("refuses files without what they should have in them", async () => {
  const files = { token_file: file("token", "\n"), ca_file: file("ca.pem", "no certificate") };
  expect(await faultsOf({ url, ...files }, RACK)).toEqual([
    "token_file has no token of one line in it",
    "ca_file has no certificate in it",
  ]);
});

it("never shows a secret in what it refuses", async () => {
  const settings: RestSettings = {
    url: "https://user:s3cret@smdb.example",
    token: "s3cret s3cret",
    password: "s3cret\n",
    headers: { "X-Key": "s3cret\n" },
    path: "/servers?key=s3cret",
  };
  const start = restKind.start(settings, { name: "rest", levels: ["rack"], timeoutMs: 1000, onEvent: () => {} });
  const error: unknown = await start.catch((reason: unknown) => reason);
  expect(String(error)).toContain("6 settings are refused");
  expect(String(error)).not.toContain("s3cret");
});
