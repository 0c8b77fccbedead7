// Where an address is, as the REST API tells it.
import type { BreakerState, TopologyExplanation } from "@rackcast/smdb-adapter";
import { type Static, Type } from "typebox";

/** What is said of an address, by one resolver or by all of them. */
const TOPOLOGY_ANSWER = {
  outcome: Type.Unsafe<TopologyExplanation["outcome"]>({
    type: "string",
    enum: ["known", "unknown", "failed", "late"],
    description:
      "failed: whoever was asked failed, so that it is not known whether the address is; late: no answer in the time that an announce waits",
  }),
  path: Type.Unsafe<string[] | null>({
    type: ["array", "null"],
    items: { type: "string" },
    description: "Null unless it is known",
  }),
  cached: Type.Boolean({ description: "Answered without asking the resolver" }),
  ageSeconds: Type.Unsafe<number | null>({ type: ["number", "null"], description: "How old a cached answer is" }),
  error: Type.Unsafe<string | null>({
    type: ["string", "null"],
    description: "Why the last lookup failed; a path beside it is the last known one, which stands in",
  }),
};

export const ResolverAnswer = Type.Object(
  {
    resolver: Type.String({ description: "Its name" }),
    ...TOPOLOGY_ANSWER,
    breaker: Type.Unsafe<BreakerState | null>({
      type: ["string", "null"],
      enum: ["closed", "half-open", "open", null],
      description: "Open: it kept failing and is left alone for a while; null: it needs none",
    }),
  },
  { $id: "ResolverAnswer", description: "What one resolver says of an address" },
);

export const Placement = Type.Object(
  {
    address: Type.String({ description: "IPv4 or IPv6 address in canonical text form" }),
    resolver: Type.Unsafe<string | null>({ type: ["string", "null"], description: "Who said so; null: nobody knows" }),
    ...TOPOLOGY_ANSWER,
    group: Type.Array(Type.String(), { description: "Where the policy puts such a host; empty: it is refused" }),
    resolvers: Type.Optional(
      Type.Array(Type.Unsafe<Static<typeof ResolverAnswer>>({ $ref: "ResolverAnswer#" }), {
        description: "What every resolver says, in the order they are asked in; with `all` only",
      }),
    ),
  },
  { $id: "Placement", description: "Where an address is, and who says so" },
);

export const PlacementFilter = Type.Object(
  {
    all: Type.Optional(
      Type.Unsafe<"true" | "false">({
        type: "string",
        enum: ["true", "false"],
        description: "Ask every resolver, also those behind the first that knows",
      }),
    ),
  },
  { additionalProperties: false },
);
