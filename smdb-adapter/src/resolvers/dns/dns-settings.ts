// The settings of the `dns` resolver.
import { type Static, Type } from "typebox";

export const dnsSettings = Type.Object(
  {
    servers: Type.Array(Type.String(), {
      description:
        "DNS servers, each an address with or without a port, such as 10.0.0.53:53; none for the system's own",
      default: [],
    }),
    tries: Type.Integer({ description: "How often each server is asked", default: 2, minimum: 1, maximum: 10 }),
    try_timeout: Type.Number({
      description: "Seconds that a server may take for an answer before the next one is asked",
      default: 1,
      exclusiveMinimum: 0,
      maximum: 60,
    }),
    records: Type.Array(Type.Union([Type.Literal("ptr"), Type.Literal("txt"), Type.Literal("loc")]), {
      description: "Kinds of records that say where a host is, in the order in which they are tried: ptr, txt, loc",
      default: ["ptr"],
      minItems: 1,
      uniqueItems: true,
    }),
    pattern: Type.Optional(
      Type.String({
        description: "Regular expression for the PTR name, in lower case with its final dot; named groups are levels",
      }),
    ),
    path: Type.Optional(
      Type.String({ description: "Path made of the pattern's groups, such as {dc}/row{row}/rack{rack}" }),
    ),
    txt_name: Type.String({
      description: "Where the TXT record is, made of {ptr}, {reversed}, {dashed} and {arpa}",
      default: "{ptr}",
    }),
    loc_name: Type.String({ description: "Where the LOC record is, made of the same", default: "{ptr}" }),
    loc_cell_metres: Type.Number({
      description: "Height and least width of a cell of the grid; the hosts of a cell are one group",
      default: 100,
      minimum: 1,
      maximum: 1_000_000,
    }),
    loc_path: Type.String({ description: "Path made of {loc}, the name of the cell", default: "{loc}" }),
  },
  { additionalProperties: false },
);

export type DnsSettings = Static<typeof dnsSettings>;
