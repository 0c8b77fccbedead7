// What `--help` prints.
import { describeValues, textOfValue } from "./setting-values.ts";
import { flagOf, SETTINGS } from "./settings.ts";

export function printHelp(): string {
  const settings = [...SETTINGS].map(([name, schema]) => {
    const fallback = textOfValue(schema.default);
    const end = fallback === "" ? "" : ` Default: ${fallback}.`;
    return `  ${flagOf(name)}  (${name}) ${describeValues(schema)}\n      ${schema.description}${end}\n`;
  });
  return [
    "Usage: rackcast tracker [flags]\n",
    "Every setting is a flag, or an environment variable (in parentheses), or a line of a YAML file given by --config;",
    "flags win over the environment, the environment over the file.\n",
    "  --config  file\n      YAML file with lines such as PORT: 6969.\n",
    "  --print-config\n      Print such a file with every setting, those given as they are and the others as comments, and end.\n",
    ...settings,
  ].join("\n");
}
