// Tells every announce and its answer, one line each, for finding out who was handed whom.
import type { HandoutPeer } from "../swarm/announce.ts";
import type { HostAddress } from "../swarm/identifiers.ts";
import { hostOf } from "../swarm/identifiers.ts";
import type { AnnounceService, ClientAnnounce, ServiceReply } from "./announce-service.ts";

export interface AnnounceLogOptions {
  readonly addressText: (host: HostAddress) => string;
  readonly write: (details: object, message: string) => void;
}

/** The same service, with each announce written down. */
export function logAnnounces(service: AnnounceService, { addressText, write }: AnnounceLogOptions): AnnounceService {
  function told(request: ClientAnnounce, reply: ServiceReply): ServiceReply {
    const { infoHash, event, left } = request;
    const details = { infoHash, address: addressText(hostOf(request.endpoint)), event, left };
    if (reply.kind === "failure") write({ ...details, failure: reply.reason }, "announce refused");
    else write({ ...details, handed: reply.handout.peers().map(textOf) }, "announce");
    return reply;
  }

  function textOf({ v4, v6 }: HandoutPeer): string {
    return [v4, v6].flatMap((endpoint) => (endpoint === undefined ? [] : [addressText(hostOf(endpoint))])).join("+");
  }

  return {
    scrape: service.scrape,
    leave: service.leave,
    announce(request) {
      const reply = service.announce(request);
      return reply instanceof Promise ? reply.then((late) => told(request, late)) : told(request, reply);
    },
  };
}
