// The `dns` resolver: places by PTR names, TXT records and LOC records.
import { defineResolverKind, type ResolverContext } from "../../resolver-kind.ts";
import type { Location, TopologyResolver } from "../../topology-resolver.ts";
import { createDnsClient } from "./dns-client.ts";
import { planDns } from "./dns-plan.ts";
import { type DnsSettings, dnsSettings } from "./dns-settings.ts";
import { createHostLookup } from "./host-lookup.ts";
import type { Sighting } from "./sighting.ts";

export const dnsKind = defineResolverKind({
  type: "dns",
  settings: dnsSettings,
  isLocal: false,
  mostAtOnce: () => MOST_AT_ONCE,
  start: async (settings, context) => createDnsResolver(settings, context),
});

const MOST_AT_ONCE = 100;
// A record of 0 s would be asked for at every announce.
const SHORTEST_VALID_SECONDS = 1;

function createDnsResolver(settings: DnsSettings, context: ResolverContext): TopologyResolver {
  const { name } = context;
  const { servers, sights } = planDns(settings, context);
  const { tries, try_timeout: trySeconds } = settings;
  const client = createDnsClient({ servers, tries, tryTimeoutMs: trySeconds * 1000, resolver: name });

  function locationOf({ path, ttlSeconds = SHORTEST_VALID_SECONDS }: Sighting): Location {
    return { path, resolver: name, validSeconds: Math.max(ttlSeconds, SHORTEST_VALID_SECONDS) };
  }

  return {
    name,
    async locate(address) {
      const host = createHostLookup(address, client, context);
      for (const sight of sights) {
        const sighting = await sight(host);
        if (sighting !== undefined) return locationOf(sighting);
      }
      return undefined;
    },
    reload: async () => {},
    close: async () => client.close(),
  };
}
