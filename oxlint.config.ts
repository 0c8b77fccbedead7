// Lint rules; among them, who may import whom: every room names what it may import, and nothing else passes.
import { defineConfig, type OxlintOverride } from "oxlint";

/** A folder of sources and what its files may import beside the folder itself. */
interface Room {
  folder: string;
  /** The files meant, when not all of the folder. */
  files?: string;
  /** Folders and files of the same package, relative to its `src`. */
  imports?: readonly string[];
  /** Folders of which only types may be imported. */
  types?: readonly string[];
  /** Packages by name, of those that need naming: RESTRICTED_PACKAGES, and in a pure room all, `node:` modules too. */
  packages?: readonly string[];
  pure?: boolean;
}

/** Packages that only the rooms naming them may import. */
const RESTRICTED_PACKAGES = [
  "@rackcast/*",
  "@rackcast/*/**",
  "ioredis",
  "pg",
  "execa",
  "create-torrent",
  "prom-client",
];

const STORE_IMPORTS = ["swarm"];
const REGISTRY_IMPORTS = ["swarm/identifiers.ts", "bans", "sqlite"];
const JOBS_IMPORTS = ["swarm/identifiers.ts", "store/swarm-store.ts", "registry/transfer-registry.ts"];
const STORE: Room = { folder: "tracker/src/store", imports: STORE_IMPORTS };
const REGISTRY: Room = { folder: "tracker/src/registry", imports: REGISTRY_IMPORTS };
const LIVE_IMPORTS = ["wire/live-message.ts"];
const LIVE: Room = { folder: "tracker/src/live", imports: LIVE_IMPORTS };
const JOBS: Room = { folder: "tracker/src/jobs", imports: JOBS_IMPORTS };
/** Of a room whose other files know nothing of Redis. */
const ON_REDIS = { files: "redis*", packages: ["ioredis"] };

const ROOMS: readonly Room[] = [
  { folder: "smdb-adapter/src" },
  { folder: "client-config/src" },
  { folder: "deployer-cli/src", packages: ["@rackcast/client-config", "execa"] },

  { folder: "tracker/src/swarm", pure: true },
  {
    folder: "tracker/src/wire",
    imports: ["swarm/identifiers.ts", "swarm/announce.ts"],
    packages: ["node:buffer", "node:crypto"],
    pure: true,
  },
  { folder: "tracker/src/redis", packages: ["ioredis"] },
  { folder: "tracker/src/sqlite" },
  {
    folder: "tracker/src/config",
    imports: ["wire/address-ranges.ts"],
    types: ["swarm", "redis", "accounting"],
    packages: ["@rackcast/smdb-adapter"],
  },
  { folder: "tracker/src/bans", imports: ["swarm/identifiers.ts"], packages: ["@rackcast/smdb-adapter"] },
  STORE,
  { ...STORE, ...ON_REDIS, imports: [...STORE_IMPORTS, "redis"] },
  REGISTRY,
  { ...REGISTRY, ...ON_REDIS, imports: [...REGISTRY_IMPORTS, "redis"] },
  LIVE,
  { ...LIVE, ...ON_REDIS, imports: [...LIVE_IMPORTS, "redis"] },
  JOBS,
  { ...JOBS, ...ON_REDIS, imports: [...JOBS_IMPORTS, "redis"] },
  {
    folder: "tracker/src/accounting",
    imports: ["swarm/identifiers.ts", "wire/compact-address.ts", "redis", "sqlite", "jobs"],
    types: ["swarm"],
    packages: ["ioredis", "pg"],
  },
  {
    folder: "tracker/src/storage",
    imports: [
      "swarm",
      "store",
      "registry",
      "live",
      "redis",
      "jobs",
      "data-folder.ts",
      "snapshot-schedule.ts",
      "startup-error.ts",
    ],
    types: ["accounting"],
  },
  { folder: "tracker/src/topology", types: ["config"], packages: ["@rackcast/smdb-adapter"] },
  { folder: "tracker/src/metrics", types: ["accounting"], packages: ["@rackcast/smdb-adapter", "prom-client"] },
  {
    folder: "tracker/src/service",
    types: ["accounting"],
    imports: [
      "swarm",
      "bans/ban.ts",
      "store/swarm-store.ts",
      "registry/announce-keys.ts",
      "registry/registry.ts",
      "registry/transfer-registry.ts",
    ],
    packages: ["@rackcast/smdb-adapter"],
  },
  { folder: "tracker/src/frontends", imports: ["wire", "service", "live", "swarm/identifiers.ts"], types: ["swarm"] },
  {
    folder: "tracker/src/api",
    imports: ["service", "bans", "registry", "store", "wire", "swarm/identifiers.ts", "accounting/ledger.ts"],
    types: ["swarm", "accounting"],
    packages: ["@rackcast/smdb-adapter"],
  },
];

const TRACKER_ROOMS = ROOMS.map(({ folder }) => folder)
  .filter((folder) => folder.startsWith("tracker/src/"))
  .map((folder) => folder.slice("tracker/src/".length));

/** The tracker's files outside its rooms: only tracker.ts knows all rooms, only main.ts knows tracker.ts. */
const TRACKER_EDGE: OxlintOverride[] = [
  {
    files: ["tracker/src/*.ts"],
    rules: restrictImports([
      {
        group: [
          "./*/**",
          "!./swarm/**",
          "./tracker.ts",
          "./main.ts",
          "../**",
          "!../package.json",
          ...RESTRICTED_PACKAGES,
          "!@rackcast/smdb-adapter",
        ],
        message: "a file outside the tracker's rooms may import swarm/ only; tracker.ts puts the rooms together",
      },
    ]),
  },
  {
    files: ["tracker/src/tracker.ts"],
    rules: restrictImports([
      {
        group: ["./main.ts", "../**", "!../package.json", ...RESTRICTED_PACKAGES, "!@rackcast/smdb-adapter"],
        message: "tracker.ts may import the tracker's rooms and @rackcast/smdb-adapter",
      },
    ]),
  },
  {
    files: ["tracker/src/main.ts"],
    rules: restrictImports([
      {
        group: ["./*/**", "!./config/**", "../**", "!../package.json", ...RESTRICTED_PACKAGES],
        message: "main.ts reads the settings, and starts and stops what tracker.ts puts together; it knows no room",
      },
    ]),
  },
];

interface Restriction {
  group?: string[];
  regex?: string;
  message: string;
  allowTypeImports?: boolean;
}

function restrictImports(patterns: Restriction[]): NonNullable<OxlintOverride["rules"]> {
  return { "no-restricted-imports": ["error", { patterns }] };
}

const DEEPEST = 3;

/** One override per depth of folder, because relative imports are matched as they are written. */
function roomOverrides(room: Room): OxlintOverride[] {
  return Array.from({ length: DEEPEST + 1 }, (_, depth) => ({
    files: [`${room.folder}/${pathOfDepth(room.files ?? "*", depth)}.ts`],
    rules: restrictImports(restrictionsOf(room, depth)),
  }));
}

function pathOfDepth(first: string, depth: number): string {
  return depth === 0 ? first : [first, ...Array<string>(depth).fill("*")].join("/");
}

/** oxlint goes through the entries in order, and a negated pattern that matches ends the search. */
function restrictionsOf(room: Room, depth: number): Restriction[] {
  const { folder, imports = [], types = [], packages = [], pure = false } = room;
  const out = "../".repeat(depth + 1);
  const locate = (name: string) => (name.endsWith(".ts") ? out + name : `${out}${name}/**`);
  const isForeign = (name: string) => !imports.includes(name) && !types.includes(name);
  const message = `${folder} may import ${[...imports, ...packages, ...types.map((name) => `types of ${name}`)].join(", ") || "nothing"} beside itself`;
  return [
    { group: [...imports.map(locate), ...packages, "**/package.json"].map((pattern) => `!${pattern}`), message },
    { group: types.map(locate), message, allowTypeImports: true },
    {
      group: [`${out}../**`, `${out}*`, ...TRACKER_ROOMS.filter(isForeign).map(locate), ...RESTRICTED_PACKAGES],
      message,
    },
    ...(pure ? [{ regex: "^[^.]", message }] : []),
  ];
}

export default defineConfig({
  plugins: ["typescript", "import", "unicorn", "oxc", "node", "promise", "vitest"],
  categories: { correctness: "error" },
  options: { typeAware: true },
  ignorePatterns: ["**/dist/**", "deployer-cli/src/api/schema.d.ts", "smdb-adapter/src/resolvers/rest/schema.d.ts"],
  rules: {
    // Types may refer to each other in a circle: nothing of them is loaded.
    "import/no-cycle": ["error", { ignoreTypes: true }],
    "typescript/consistent-type-imports": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-misused-promises": "error",
    "typescript/no-non-null-assertion": "error",
    // Strings here are ASCII or bytes as Latin-1, and factories return objects whose functions know no `this`.
    "typescript/no-misused-spread": "off",
    "typescript/unbound-method": "off",
    "typescript/only-throw-error": "error",
    "vitest/expect-expect": [
      "error",
      { assertFunctionNames: ["expect", "expect*", "assert*", "fc.assert", "**.expect*"] },
    ],
    "vitest/no-conditional-expect": "off",
    "vitest/no-standalone-expect": ["error", { additionalTestBlockFunctions: ["beforeEach", "afterEach"] }],
    // The second argument says what was expected.
    "vitest/valid-expect": ["error", { maxArgs: 2 }],
    "typescript/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
  },
  overrides: [
    ...TRACKER_EDGE,
    ...ROOMS.flatMap(roomOverrides),
    {
      files: ["**/*.test.ts", "tests/**/*.ts"],
      rules: { "no-restricted-imports": "off", "typescript/no-non-null-assertion": "off" },
    },
  ],
});
