// Where the playbooks are: beside the built package, or in the checkout.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PLACES = ["../../ansible/", "../../../../ops/ansible/"];

export type PlaybookName = "setup" | "load" | "verify" | "remove";

export function playbookPath(name: PlaybookName): string {
  const places = PLACES.map((place) => fileURLToPath(new URL(`${place}${name}.yml`, import.meta.url)));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`the playbook ${name}.yml is in none of: ${places.join(", ")}`);
  return found;
}
