// The shapes of services that need no settings, held to the OpenAPI document of the reference SMDB by their types.
import type { FollowSettings } from "./lookup-plan.ts";
import type { paths } from "./schema.d.ts";

export interface Preset {
  readonly path: string;
  readonly follow: readonly FollowSettings[];
  readonly hosts: string;
  /** Undefined: the name of the member that the host is. */
  readonly hostName: string | undefined;
  /** By number of levels, outermost first. */
  readonly levels: readonly (readonly string[])[];
  readonly tokenScheme: (token: string) => "Bearer" | "Token";
}

type AnswerTo<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": infer Answer } } } };
}
  ? Answer
  : never;

/** What may be written to point into a value of this type. */
type PointerInto<Value> =
  | ""
  | (Value extends readonly (infer Element)[]
      ? `/*${PointerInto<Element>}`
      : Value extends object
        ? {
            [Key in keyof Value & string]: `/${string extends Key ? "*" : Key}${PointerInto<Value[Key]>}`;
          }[keyof Value & string]
        : never);

type Servers = AnswerTo<"/servers/ipaddresses/{address}">;
type ServerPointer = PointerInto<Servers[string]>;

/** The servers of an address by their names: `{"web1": {"cabinet": "rack1"}}`. */
const SMDB: Preset = {
  path: "/servers/ipaddresses/{address}" satisfies keyof paths,
  follow: [],
  hosts: "/*" satisfies PointerInto<Servers>,
  hostName: undefined,
  levels: [["/cabinet"], ["/row", "/cabinet"], ["/dc", "/row", "/cabinet"]] satisfies ServerPointer[][],
  tokenScheme: () => "Bearer",
};

type AddressPage = AnswerTo<"/api/ipam/ip-addresses/">;
type DevicePointer = PointerInto<AnswerTo<"/api/dcim/devices/{id}/">>;

/** An address is assigned to a device's interface, and the device knows its site, location and rack. */
const NETBOX: Preset = {
  path: "/api/ipam/ip-addresses/?address={address}" satisfies `${keyof paths}?address={address}`,
  follow: [
    {
      each: "/results/*" satisfies PointerInto<AddressPage>,
      take: { id: "/assigned_object/device/id" satisfies PointerInto<AddressPage["results"][number]> },
      // Its configuration context may be larger than everything else.
      path: "/api/dcim/devices/{id}/?exclude=config_context" satisfies `${keyof paths}?exclude=config_context`,
    },
  ],
  hosts: "" satisfies DevicePointer,
  hostName: "/name" satisfies DevicePointer,
  levels: [
    ["/rack/name"],
    ["/site/slug", "/rack/name"],
    ["/site/slug", "/location/slug", "/rack/name"],
  ] satisfies DevicePointer[][],
  // Tokens of version 2 say so, and are borne.
  tokenScheme: (token) => (token.startsWith("nbt_") ? "Bearer" : "Token"),
};

export const PRESETS = { smdb: SMDB, netbox: NETBOX } as const;
