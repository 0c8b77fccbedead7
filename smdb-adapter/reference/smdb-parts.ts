// What the routes of the reference SMDB are made from.
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Faults } from "./faults.ts";
import type { HostData } from "./host-data.ts";

export type Smdb = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>;

export interface SmdbParts {
  /** As it is now. */
  readonly data: () => HostData;
  readonly faults: { current: Faults };
  /** Undefined: anybody may ask. */
  readonly token: string | undefined;
}
