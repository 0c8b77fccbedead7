// Does the client find peers by the tracker alone? Whoever it finds otherwise is in some rack or other.
import type { XmlRpcValue } from "../rtorrent/xml-rpc.ts";
import { type Check, failed, type Finding, ok } from "./check.ts";
import type { ClientProbe } from "./client-probe.ts";

export interface Discovery {
  readonly pex: boolean;
  /** `disable`, `off`, `auto`, `on`. */
  readonly dht: string;
  readonly udpTrackers: boolean;
}

const RENDER = "Use the configuration of: rackcast config render rtorrent";

export function clientDiscovery(client: ClientProbe): Check {
  return {
    name: "client: discovery",
    run: async () => {
      return judgeDiscovery({
        pex: Number(await client.ask("protocol.pex")) !== 0,
        dht: modeOf(await client.ask("dht.statistics")),
        udpTrackers: Number(await client.ask("trackers.use_udp")) !== 0,
      });
    },
  };
}

function modeOf(statistics: XmlRpcValue): string {
  const mode = typeof statistics === "object" && "dht" in statistics ? statistics["dht"] : undefined;
  return typeof mode === "string" ? mode : "unknown";
}

export function judgeDiscovery({ pex, dht, udpTrackers }: Discovery): Finding {
  const leaks = [
    ...(pex ? ["PEX (protocol.pex.set = no)"] : []),
    ...(dht === "disable" || dht === "off" ? [] : [`DHT, which is ${dht} (dht.mode.set = disable)`]),
    ...(udpTrackers ? ["UDP trackers, where it asks every 600 s (trackers.use_udp.set = no)"] : []),
  ];
  return leaks.length === 0 ? ok("PEX, DHT and UDP trackers are off") : failed(`it uses ${leaks.join(", ")}`, RENDER);
}
