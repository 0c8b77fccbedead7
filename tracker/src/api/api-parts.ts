// What the REST API is put together from.
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyBaseLogger, FastifyInstance, FastifyServerFactory } from "fastify";
import type { MaybePromise, TopologyChain } from "@rackcast/smdb-adapter";
import type { Accounting } from "../accounting/accounting.ts";
import type { HostReportState } from "../registry/host-reports.ts";
import type { Registry } from "../registry/registry.ts";
import type { Transfer } from "../registry/transfer-registry.ts";
import type { AnnounceServiceSettings } from "../service/announce-service.ts";
import type { SwarmStore } from "../store/swarm-store.ts";
import type { HostAddress } from "../swarm/identifiers.ts";
import type { SwarmPolicy } from "../swarm/policy.ts";

export interface ApiSettings {
  /** Undefined: control calls are answered to loopback clients only (`API_TOKEN`). */
  readonly apiToken: string | undefined;
  readonly unknownRack: AnnounceServiceSettings["unknownRack"];
}

/** Throws, or rejects, while its part of the tracker cannot serve. */
export type ReadinessCheck = () => MaybePromise<unknown>;

export interface ApiLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

export interface HealthSources {
  readonly uptimeSeconds: () => number;
  /** Those that stay open, by front end. */
  readonly connections: () => Readonly<Record<string, number>>;
  /** How often something malformed came in, by kind. */
  readonly faults: () => ReadonlyMap<string, number>;
}

export interface ApiParts {
  readonly registry: Registry;
  readonly store: SwarmStore;
  readonly topology: Pick<TopologyChain, "explain" | "explainAll">;
  /** Called after each activation, which does not wait for it. */
  readonly onActivated: (transfer: Transfer) => void;
  /** Called for each report of a host that was kept. */
  readonly onHostReport: (state: HostReportState) => void;
  /** Which host asks, as for announces; undefined for one that may not (`ALLOW_CIDRS`), or that its proxy does not name. */
  readonly callerOf: (request: IncomingMessage) => HostAddress | undefined;
  /** Undefined: nobody counts what clients move. */
  readonly accounting: Pick<Accounting, "totals" | "status" | "isBehind"> | undefined;
  readonly policy: Pick<SwarmPolicy, "levels">;
  readonly settings: ApiSettings;
  /** Asked by `/readyz`, by the name they are reported under. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Told by `/health`. */
  readonly health: HealthSources;
  /** Told by `/metrics`, in the text format of Prometheus. */
  readonly metrics: { readonly contentType: string; print(): Promise<string> };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: ApiLog;
  /** Makes the server that the API listens on; a front end may stand before it there. */
  readonly serverFactory?: FastifyServerFactory<Server> | undefined;
  /** For the server's `clientError`; fastify has an own answer when left out. */
  readonly onClientError?: ((error: NodeJS.ErrnoException, socket: Socket) => void) | undefined;
}

/** fastify as the routes see it. */
export type Api = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>;
