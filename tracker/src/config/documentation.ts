// ops/docs/configuration.md, made from the schema: `npm run docs:config --workspace tracker`.
import { fileURLToPath } from "node:url";
import { describeValues, textOfValue } from "./setting-values.ts";
import { flagOf, SETTINGS, type SettingName, type SettingSchema } from "./settings.ts";

const HEAD = `# The tracker's settings

Made from the tracker's schema by \`npm run docs:config --workspace tracker\`; change it there.

Every setting is a flag of \`rackcast tracker\`, an environment variable, or a line of a YAML file that \`--config\` names.
Flags win over the environment, the environment over the file. An environment variable that is empty counts as not set.
Unknown flags, unknown names in the file and bad values are refused, all at once, with exit code 2.

\`\`\`yaml
PORT: 6969
TOPOLOGY_FILE: /etc/rackcast/topology.txt
LEVELS: [dc, row, rack]
MAX_REPR: { dc: 4, row: 2, rack: 2 }
\`\`\`

\`rackcast tracker --print-config\` prints such a file with every setting: those that are given, by flags, environment or
\`--config\`, as they would be used, and all others as comments with their defaults. Secrets are left out.
`;

export function printDocumentation(): string {
  return [HEAD, ...[...SETTINGS].map(section)].join("\n");
}

function section([name, schema]: readonly [SettingName, SettingSchema]): string {
  const fallback = textOfValue(schema.default);
  const end = fallback === "" ? "" : ` Default: \`${fallback}\`.`;
  return `## \`${name}\`\n\n\`${flagOf(name)}\` takes ${describeValues(schema)}.${end}\n\n${schema.description}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(printDocumentation());
