// The same hosts in the shape of NetBox's REST API, as far as a resolver asks for it. Ids are places in the file.
import { isIPv6 } from "node:net";
import { type Static, Type } from "typebox";
import { type Host, type HostAddress, readAddress } from "./host-data.ts";
import { answer, type NetboxAddress, NetboxAddressPage, NetboxDevice, reference, Refusal } from "./schemas.ts";
import type { Smdb, SmdbParts } from "./smdb-parts.ts";

const ADDRESSES = "/api/ipam/ip-addresses/";
const DEVICES = "/api/dcim/devices/";
const PAGE_SIZE = 50;

export function registerNetboxRoutes(smdb: Smdb, { data }: SmdbParts): void {
  const listing = {
    operationId: "listNetboxAddresses",
    summary: "Addresses, page by page",
    querystring: Type.Object({
      address: Type.Optional(Type.String({ description: "This address alone" })),
      limit: Type.Integer({ minimum: 1, maximum: 1000, default: PAGE_SIZE }),
      offset: Type.Integer({ minimum: 0, default: 0 }),
    }),
    response: { 200: answer("A page of addresses", reference(NetboxAddressPage)) },
  };
  smdb.get(ADDRESSES, { schema: listing }, ({ query, protocol, host: authority }) => {
    const { address, limit, offset } = query;
    const { addresses, byAddress } = data();
    const found = address === undefined ? addresses : (byAddress.get(readAddress(address) ?? "") ?? []);
    const link = (start: number) => `${protocol}://${authority}${ADDRESSES}?limit=${limit}&offset=${start}`;
    return {
      count: found.length,
      next: offset + limit < found.length ? link(offset + limit) : null,
      previous: offset > 0 ? link(Math.max(0, offset - limit)) : null,
      results: found.slice(offset, offset + limit).map(pictureAddress),
    };
  });

  const showing = {
    operationId: "showNetboxDevice",
    summary: "One device and where it is",
    params: Type.Object({ id: Type.Integer() }),
    response: {
      200: answer("The device", reference(NetboxDevice)),
      404: answer("No device has this id", reference(Refusal)),
    },
  };
  smdb.get(`${DEVICES}:id/`, { schema: showing }, async ({ params: { id } }, reply) => {
    const host = data().hosts[id - 1];
    if (host !== undefined) return pictureDevice(host, id);
    reply.code(404);
    return { detail: "No device has this id." };
  });
}

function pictureAddress({ id, address, host, hostId }: HostAddress): Static<typeof NetboxAddress> {
  const length = isIPv6(address) ? 128 : 32;
  return {
    id,
    url: `${ADDRESSES}${id}/`,
    display: `${address}/${length}`,
    family: isIPv6(address) ? { value: 6, label: "IPv6" } : { value: 4, label: "IPv4" },
    address: `${address}/${length}`,
    status: { value: "active", label: "Active" },
    assigned_object_type: "dcim.interface",
    assigned_object_id: id,
    assigned_object: { id, display: "eth0", name: "eth0", device: pictureNested(host, hostId) },
  };
}

function pictureNested({ name }: Host, id: number) {
  return { id, url: `${DEVICES}${id}/`, display: name, name };
}

/** A datacenter is a site, a row a location. */
function pictureDevice(host: Host, id: number): Static<typeof NetboxDevice> {
  const { dc = "default", row, cabinet } = host;
  return {
    ...pictureNested(host, id),
    site: { id: 1, display: dc, name: dc, slug: dc },
    location: row === undefined ? null : { id: 1, display: row, name: row, slug: row },
    rack: cabinet === undefined ? null : { id: 1, display: cabinet, name: cabinet },
  };
}
