// One client's WebSocket, as the exchange of offers sees it.
import type { CompactEndpoint, InfoHash, PeerId } from "../../swarm/identifiers.ts";
import type { MessageRate } from "./message-rate.ts";
import type { OutstandingOffers } from "./outstanding-offers.ts";

export interface Connection {
  /** The address the client came from, and the port of its end of the connection: peers need one that is theirs alone. */
  readonly endpoint: CompactEndpoint;
  /** What followed `/announce/` in the path that it was opened with; `""` when nothing did. */
  readonly announceKey: string;
  readonly rate: MessageRate;
  /** The swarms it is in, with the peer id it announced in each. */
  readonly memberships: Map<InfoHash, PeerId>;
  readonly offers: OutstandingOffers;
  isOpen: boolean;
  /** Drops the connection instead where the client does not read what it is sent. */
  send(text: string): void;
  /** `code` as in RFC 6455, 7.4.1. */
  close(code: number, reason: string): void;
}
