// Fills a template of this package with values.
import { readFileSync } from "node:fs";
import { Eta } from "eta";

// Not HTML: escaping would turn quotes into entities.
const eta = new Eta({ autoEscape: false, autoTrim: false });

/** `name` is a file under templates/, without `.eta`. */
export function fillTemplate(name: string, values: object): string {
  const template = new URL(`../templates/${name}.eta`, import.meta.url);
  return eta.renderString(readFileSync(template, "utf8"), values);
}
