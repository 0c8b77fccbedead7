// The settings of a `rest` resolver.
import { type Static, Type } from "typebox";

const Pointer = (description: string) => Type.String({ description });

const FollowStep = Type.Object(
  {
    each: Type.Optional(
      Pointer(
        "JSON pointer to each thing in the answer that leads on, * for every member or element (all of the answer)",
      ),
    ),
    take: Type.Record(Type.String(), Type.String(), {
      description: "Names, and JSON pointers to their values from each of these things",
    }),
    path: Type.String({ description: "What to ask for next, such as /devices/{id}" }),
  },
  { additionalProperties: false },
);

export const REST_SETTINGS = Type.Object(
  {
    url: Type.String({ description: "Where the service is, http:// or https://, such as https://smdb.example" }),
    preset: Type.Optional(
      Type.Union([Type.Literal("smdb"), Type.Literal("netbox")], {
        default: "smdb",
        description: "Whose shape to assume; path, follow, hosts, host_name and levels override it one by one",
      }),
    ),
    path: Type.Optional(Type.String({ description: "What to ask for, beneath url: /servers/ipaddresses/{address}" })),
    follow: Type.Optional(
      Type.Array(FollowStep, {
        maxItems: 4,
        description: "Further requests that the answer leads to, one after another",
      }),
    ),
    hosts: Type.Optional(Pointer("JSON pointer to each host in the last answer, * for every member or element")),
    host_name: Type.Optional(Pointer("JSON pointer to a host's name, from the host (the name of the member it is)")),
    levels: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: "For each level of the topology, outermost first, the JSON pointer to its name, from the host",
      }),
    ),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: "Sent with every request, such as X-Api-Key" }),
    ),
    token: Type.Optional(Type.String({ description: "Shown to the service in the header Authorization" })),
    token_file: Type.Optional(
      Type.String({ description: "File with the token in place of token, read again when it changes" }),
    ),
    token_scheme: Type.Optional(
      Type.Union([Type.Literal("Bearer"), Type.Literal("Token")], {
        description: "How the token is shown (Bearer; with the preset netbox Token, unless it is one of version 2)",
      }),
    ),
    username: Type.Optional(Type.String({ description: "For basic authentication, in place of a token" })),
    password: Type.Optional(Type.String({ description: "The same" })),
    password_file: Type.Optional(
      Type.String({ description: "File with the password in place of password, read again when it changes" }),
    ),
    ca_file: Type.Optional(
      Type.String({
        description: "Certificates in PEM, trusted in place of the system's authorities, read again when they change",
      }),
    ),
    unknown_status: Type.Optional(
      Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), {
        default: [404],
        description: "Status codes that say that there is no such host",
      }),
    ),
    connections: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 256, default: 16, description: "Most connections to the service" }),
    ),
  },
  { additionalProperties: false },
);

export type RestSettings = Static<typeof REST_SETTINGS>;
