// Holds that the lint rules on who may import whom really bite: each case is a file in a scratch copy of the layout.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const oxlint = join(root, "node_modules/.bin/oxlint");

/** Where a file is, and the module that it imports values from. */
type Case = readonly [file: string, imported: string];

const REFUSED: readonly Case[] = [
  ["tracker/src/swarm/a.ts", "node:fs"],
  ["tracker/src/swarm/a.ts", "ipaddr.js"],
  ["tracker/src/swarm/a.ts", "../wire/bencode.ts"],
  ["tracker/src/swarm/introduction/a.ts", "../../store/swarm-store.ts"],
  ["tracker/src/swarm/introduction/a.ts", "node:crypto"],
  ["tracker/src/wire/a.ts", "../swarm/policy.ts"],
  ["tracker/src/wire/a.ts", "node:net"],
  ["tracker/src/store/a.ts", "../wire/bencode.ts"],
  ["tracker/src/store/memory/a.ts", "../../service/announce-service.ts"],
  ["tracker/src/store/memory-store.ts", "ioredis"],
  ["tracker/src/store/memory-store.ts", "../redis/redis-connection.ts"],
  ["tracker/src/redis/a.ts", "../store/swarm-store.ts"],
  ["tracker/src/redis/a.ts", "../config/config.ts"],
  ["tracker/src/config/a.ts", "../redis/redis-connection.ts"],
  ["tracker/src/jobs/a.ts", "../api/api.ts"],
  ["tracker/src/jobs/a.ts", "ioredis"],
  ["tracker/src/live/memory-directory.ts", "ioredis"],
  ["tracker/src/live/a.ts", "../redis/redis-connection.ts"],
  ["tracker/src/registry/a.ts", "../swarm/policy.ts"],
  ["tracker/src/registry/sqlite-registry.ts", "ioredis"],
  ["tracker/src/registry/a.ts", "pg"],
  ["tracker/src/config/a.ts", "../accounting/ledger.ts"],
  ["tracker/src/accounting/sinks/a.ts", "../../config/config.ts"],
  ["tracker/src/service/a.ts", "../wire/bencode.ts"],
  ["tracker/src/service/a.ts", "../store/memory-store.ts"],
  ["tracker/src/frontends/http/a.ts", "../../store/swarm-store.ts"],
  ["tracker/src/frontends/http/a.ts", "../../swarm/policy.ts"],
  ["tracker/src/frontends/http/a.ts", "../../tracker.ts"],
  ["tracker/src/api/a.ts", "../frontends/http/a.ts"],
  ["tracker/src/api/a.ts", "../accounting/accounting.ts"],
  ["tracker/src/metrics/a.ts", "../accounting/ledger.ts"],
  ["tracker/src/api/a.ts", "ioredis"],
  ["tracker/src/api/routes/a.ts", "../../main.ts"],
  ["tracker/src/settings.ts", "./store/swarm-store.ts"],
  ["tracker/src/settings.ts", "./tracker.ts"],
  ["tracker/src/tracker.ts", "./main.ts"],
  ["tracker/src/main.ts", "./store/swarm-store.ts"],
  ["tracker/src/store/a.ts", "../config/config.ts"],
  ["tracker/src/api/a.ts", "execa"],
  ["tracker/src/api/a.ts", "@rackcast/client-config"],
  ["smdb-adapter/src/a.ts", "@rackcast/tracker/main"],
  ["smdb-adapter/src/a.ts", "../../tracker/src/swarm/policy.ts"],
  ["client-config/src/a.ts", "@rackcast/smdb-adapter"],
  ["client-config/src/a.ts", "execa"],
  ["deployer-cli/src/a.ts", "@rackcast/tracker/main"],
  ["deployer-cli/src/commands/a.ts", "../../../tracker/src/swarm/policy.ts"],
  ["deployer-cli/src/a.ts", "ioredis"],
  ["deployer-cli/src/a.ts", "create-torrent"],
];

const ALLOWED: readonly Case[] = [
  ["tracker/src/swarm/introduction/b.ts", "../group.ts"],
  ["tracker/src/swarm/b.test.ts", "node:fs"],
  ["tracker/src/wire/b.ts", "../swarm/identifiers.ts"],
  ["tracker/src/wire/b.ts", "../swarm/announce.ts"],
  ["tracker/src/wire/b.ts", "node:crypto"],
  ["tracker/src/store/redis-store.ts", "ioredis"],
  ["tracker/src/store/redis/b.ts", "ioredis"],
  ["tracker/src/store/redis/b.ts", "../../swarm/policy.ts"],
  ["tracker/src/store/redis/b.ts", "../../redis/redis-connection.ts"],
  ["tracker/src/registry/redis-registry.ts", "ioredis"],
  ["tracker/src/registry/redis/b.ts", "../../redis/script.ts"],
  ["tracker/src/redis/b.ts", "ioredis"],
  ["tracker/src/jobs/redis-lock.ts", "ioredis"],
  ["tracker/src/jobs/redis-lock.ts", "../redis/script.ts"],
  ["tracker/src/accounting/b.ts", "ioredis"],
  ["tracker/src/api/b.ts", "../accounting/ledger.ts"],
  ["tracker/src/accounting/sinks/b.ts", "pg"],
  ["tracker/src/accounting/sinks/b.ts", "../../redis/script.ts"],
  ["tracker/src/service/b.ts", "../store/swarm-store.ts"],
  ["tracker/src/service/b.ts", "@rackcast/smdb-adapter"],
  ["tracker/src/frontends/http/b.ts", "../../wire/bencode.ts"],
  ["tracker/src/frontends/http/b.ts", "node:http"],
  ["tracker/src/api/routes/b.ts", "../../registry/transfer-registry.ts"],
  ["tracker/src/tracker.ts", "./frontends/http/a.ts"],
  ["tracker/src/main.ts", "./tracker.ts"],
  ["tracker/src/main.ts", "./config/b.ts"],
  ["deployer-cli/src/b.ts", "@rackcast/client-config"],
  ["deployer-cli/src/commands/b.ts", "execa"],
  ["tests/e2e/b.test.ts", "execa"],
];

const BROKEN_OTHERWISE: Readonly<Record<string, string>> = {
  "tracker/src/swarm/ring-a.ts": 'import { b } from "./ring-b.ts";\nexport const a = () => b;\n',
  "tracker/src/swarm/ring-b.ts": 'import { a } from "./ring-a.ts";\nexport const b = () => a;\n',
  "tracker/src/swarm/any.ts": "export const value: any = 1;\n",
  "tracker/src/swarm/non-null.ts": "export const first = (list: string[]) => list[0]!;\n",
  "tracker/src/swarm/non-null.test.ts": "export const first = (list: string[]) => list[0]!;\n",
  "tracker/src/frontends/types.ts":
    'import type { SwarmPolicy } from "../swarm/policy.ts";\nexport type { SwarmPolicy };\n',
  "tracker/src/config/types.ts":
    'import type { RedisSettings } from "../redis/redis-settings.ts";\nexport type { RedisSettings };\n',
};

const layout = mkdtempSync(join(tmpdir(), "rackcast-imports-"));
let complaints: ReadonlySet<string>;

beforeAll(() => {
  cpSync(join(root, "oxlint.config.ts"), join(layout, "oxlint.config.ts"));
  // For the configuration's own import of oxlint.
  mkdirSync(join(layout, "node_modules"));
  symlinkSync(join(root, "node_modules/oxlint"), join(layout, "node_modules/oxlint"));
  for (const [file, text] of Object.entries(BROKEN_OTHERWISE)) write(file, text);
  for (const [file, imported] of [...REFUSED, ...ALLOWED]) write(file, importLine(imported));
  complaints = lint();
});
afterAll(() => rmSync(layout, { recursive: true, force: true }));

describe("lint rules", () => {
  it.each(REFUSED)("%s may not import %s", (...refused) => {
    expect(complaints).toContain(`${place(refused)} no-restricted-imports`);
  });

  it.each(ALLOWED)("%s may import %s", (...allowed) => {
    expect(complaints).not.toContain(`${place(allowed)} no-restricted-imports`);
  });

  it("let a frontend import the swarm's types, and the settings those of Redis", () => {
    expect(complaints).not.toContain("tracker/src/frontends/types.ts:1 no-restricted-imports");
    expect(complaints).not.toContain("tracker/src/config/types.ts:1 no-restricted-imports");
  });

  it("know every folder of the tracker", () => {
    const folders = readdirSync(join(root, "tracker/src"), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    const config = readFileSync(join(root, "oxlint.config.ts"), "utf8");
    for (const { name } of folders) expect(config).toContain(`"tracker/src/${name}"`);
  });

  it("refuse circular imports", () => {
    expect(complaints).toContain("tracker/src/swarm/ring-a.ts:1 no-cycle");
  });

  it("refuse any and, outside tests, non-null assertions", () => {
    expect(complaints).toContain("tracker/src/swarm/any.ts:1 no-explicit-any");
    expect(complaints).toContain("tracker/src/swarm/non-null.ts:1 no-non-null-assertion");
    expect(complaints).not.toContain("tracker/src/swarm/non-null.test.ts:1 no-non-null-assertion");
  });
});

function write(file: string, text: string): void {
  mkdirSync(join(layout, dirname(file)), { recursive: true });
  appendFileSync(join(layout, file), text);
}

function importLine(imported: string): string {
  return `import { thing as ${imported.replaceAll(/\W/g, "_")} } from "${imported}";\n`;
}

/** `file:line` of a case, as oxlint names it. */
function place([file, imported]: Case): string {
  const lines = readFileSync(join(layout, file), "utf8").split("\n");
  return `${file}:${lines.indexOf(importLine(imported).trimEnd()) + 1}`;
}

/** Everything that oxlint says of the layout with the project's own rules, each as `file:line rule`. */
function lint(): Set<string> {
  const { stdout } = spawnSync(oxlint, ["--format=unix"], { cwd: layout, encoding: "utf8" });
  const lines = stdout.matchAll(/^(?<file>[^:]+):(?<line>\d+):.*\((?<rule>[\w-]+)\)\]$/gm);
  return new Set(
    Array.from(
      lines,
      ({ groups }) => `${relative(layout, join(layout, groups!.file!))}:${groups!.line!} ${groups!.rule!}`,
    ),
  );
}
