// What the reference SMDB answers; the resolver's presets are typed by it.
import { type Static, type TSchema, Type } from "typebox";

const Id = Type.Integer({ minimum: 1, description: "Of the database, not of the world" });
const Link = Type.String({ description: "Where the thing itself is" });

export const Server = Type.Object(
  {
    cabinet: Type.Optional(Type.String({ description: "The rack that the server is in" })),
    row: Type.Optional(Type.String({ description: "The row that the cabinet is in" })),
    dc: Type.Optional(Type.String({ description: "The datacenter that the row is in" })),
    addresses: Type.Array(Type.String(), { description: "All addresses of the server" }),
  },
  { $id: "Server", description: "One server" },
);

export const Refusal = Type.Object(
  { detail: Type.String() },
  { $id: "Refusal", description: "Why there is no answer" },
);

const Device = Type.Object({ id: Id, url: Link, display: Type.String(), name: Type.String() });
const Slugged = Type.Object({ id: Id, display: Type.String(), name: Type.String(), slug: Type.String() });
const Rack = Type.Object({ id: Id, display: Type.String(), name: Type.String() });

const Interface = Type.Object({ id: Id, display: Type.String(), name: Type.String(), device: Device });

export const NetboxAddress = Type.Object(
  {
    id: Id,
    url: Link,
    display: Type.String(),
    family: Type.Object({ value: Type.Integer(), label: Type.String() }),
    address: Type.String({ description: "With its prefix length" }),
    status: Type.Object({ value: Type.String(), label: Type.String() }),
    assigned_object_type: Type.String(),
    assigned_object_id: Id,
    assigned_object: Type.Union([Interface, Type.Null()]),
  },
  { $id: "NetboxAddress", description: "An IP address as NetBox tells it" },
);

export const NetboxDevice = Type.Object(
  {
    ...Device.properties,
    site: Slugged,
    location: Type.Union([Slugged, Type.Null()]),
    rack: Type.Union([Rack, Type.Null()]),
  },
  { $id: "NetboxDevice", description: "A device as NetBox tells it" },
);

const PageLink = Type.Union([Type.String(), Type.Null()]);

export const NetboxAddressPage = Type.Object(
  {
    count: Type.Integer({ minimum: 0 }),
    next: PageLink,
    previous: PageLink,
    results: Type.Array(reference(NetboxAddress)),
  },
  { $id: "NetboxAddressPage", description: "A page of addresses, in NetBox's envelope" },
);

/** Refers to a schema of its own name. */
export function reference<Schema extends TSchema>(schema: Schema & { readonly $id?: string }) {
  return Type.Unsafe<Static<Schema>>({ $ref: `${schema.$id}#` });
}

/** The answer of one status, as the OpenAPI document tells it. */
export function answer<Schema extends TSchema>(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } };
}

export const NAMED_SCHEMAS = [Server, Refusal, NetboxAddress, NetboxDevice, NetboxAddressPage];
