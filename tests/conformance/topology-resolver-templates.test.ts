// The subnet resolver under the suite, its paths made of the addresses' own numbers.
import { createSubnetResolver } from "@rackcast/smdb-adapter";
import { topologyResolverSuite } from "./topology-resolver-suite.ts";

/** `ams1/row{3}/rack{3}` for 10.77.1.5 and ams1/row1/rack1: the number 1 is the address' third. */
function templateOf(address: string, path: readonly string[]): string {
  const numbers = address.includes(":") ? address.replace("::", ":x:").split(":") : address.split(".");
  const place = address.includes("::a") ? 4 : numbers.indexOf("1") + 1;
  return path.map((name, level) => (level > 0 && place > 0 ? name.replace(/1$/, `{${place}}`) : name)).join("/");
}

topologyResolverSuite("subnet with templates", async (hosts) => ({
  resolver: createSubnetResolver({
    prefixes: [...hosts].map(([prefix, path]) => ({ prefix, path: templateOf(prefix, path), source: "suite" })),
  }),
}));
