// Holds that the command takes every command line that the documents and the CI examples show.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { documentedCommands, splitCommandLine } from "../support/documented-commands.ts";
import { refusalOf } from "../support/command-parsing.ts";

/** What is called so and is no command: the key in a .torrent. */
const NO_COMMANDS = new Set(["signature"]);

const root = join(import.meta.dirname, "../..");
const CI_FILES = ["action.yml", "deploy.yml", ".gitlab-ci.yml", "Jenkinsfile", "rackcastDeploy.groovy"];
const PATTERNS = ["*.md", "ops/docs/**/*.md", ...CI_FILES.map((file) => `ops/ci/**/${file}`)];
const FILES = globSync(PATTERNS, { cwd: root }).sort();
/** What a part of a command line may be refused for. */
const LACKING = new Set([
  "commander.missingArgument",
  "commander.optionMissingArgument",
  "commander.missingMandatoryOptionValue",
  "commander.help",
]);
/** What stands for no word of its own: an ellipsis, or a variable that a shell splits. */
const NO_WORD = /^(?:…|\$\w*OPTIONS|\$@)$/;
const shown = FILES.flatMap((file) => documentedCommands(file, readFileSync(join(root, file), "utf8")));

describe("the command lines that documents and CI examples show", () => {
  it("are found in all of them", () => {
    const files = new Set(shown.map(({ file }) => file));
    expect([...files]).toEqual(expect.arrayContaining(["README.md", "ops/docs/ci.md", "ops/docs/topology.md"]));
    expect(shown.length).toBeGreaterThan(30);
  });

  it.each(shown.map((command) => ({ ...command, text: command.args.join(" ") })))(
    "$file:$line rackcast $text",
    async ({ args, inProse }) => {
      const words = args.filter((arg) => !NO_WORD.test(arg));
      const isPart = inProse || words.length < args.length;
      const refusal = NO_COMMANDS.has(args[0] ?? "") ? undefined : await refusalOf(words);
      expect(isPart && LACKING.has(refusal?.code ?? "") ? undefined : refusal).toBeUndefined();
    },
  );
});

describe("finding command lines", () => {
  it.each([
    ["npx rackcast list --json | jq .", [["list", "--json"]]],
    [
      "rackcast status a && rackcast wait a; echo",
      [
        ["status", "a"],
        ["wait", "a"],
      ],
    ],
    ['rackcast ban add a --reason "b c" # d', [["ban", "add", "a", "--reason", "b c"]]],
    ["if ! rackcast wait '$A' > out 2>&1; then", [["wait", "$A"]]],
    ["rackcast wait <the release> ${{ inputs.a b }}", [["wait", "<the release>", "${{ inputs.a b }}"]]],
    ["rackcast list \\\n  --json", [["list", "--json"]]],
    ["sh 'rackcast list --json'", [["list", "--json"]]],
    ['exec "$@" rackcast list', [["list"]]],
    ["error('rackcast ended')", []],
    ["adduser --system rackcast --home /var/lib/rackcast list", []],
  ])("%j", (script, args) => {
    expect(documentedCommands("a.sh", script).map((command) => command.args)).toEqual(args);
  });

  it("takes code from Markdown, in blocks and in lines", () => {
    const text = "one `rackcast list` two\n\n```sh\nrackcast wait a\n```\n\n`npx rackcast status\na` rackcast demo";
    expect(documentedCommands("a.md", text)).toEqual([
      { file: "a.md", line: 1, args: ["list"], inProse: true },
      { file: "a.md", line: 4, args: ["wait", "a"], inProse: false },
      { file: "a.md", line: 7, args: ["status", "a"], inProse: true },
    ]);
  });

  it("would notice an option, a command or a value that is none", async () => {
    for (const line of [
      "wait a --mni 3",
      "wat a",
      "wait a --timeout soon",
      "tracker --prot 1",
      "list --state <state> b",
    ])
      expect(await refusalOf(splitCommandLine(line)), line).toBeDefined();
    expect(await refusalOf(splitCommandLine("wait $NAME --timeout <duration> --min ${MIN}"))).toBeUndefined();
  });
});
