// Which Redis is meant, and how to speak to it: plain data, made from the tracker's settings.

export interface RedisAddress {
  /** A name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
}

export type RedisPlace =
  | { readonly kind: "single"; readonly address: RedisAddress; readonly database: number }
  | {
      readonly kind: "sentinel";
      readonly sentinels: readonly RedisAddress[];
      readonly masterName: string;
      /** Of the Sentinels themselves; Redis' own is beside. */
      readonly password: string | undefined;
    }
  | { readonly kind: "cluster"; readonly nodes: readonly RedisAddress[] };

export interface RedisSettings {
  readonly place: RedisPlace;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Undefined without TLS. Without a file, certificates are checked against the system's authorities. */
  readonly tls: { readonly caFile: string | undefined } | undefined;
}

/** For messages; names no user and no password. */
export function describePlace(place: RedisPlace): string {
  switch (place.kind) {
    case "single":
      return addressText(place.address);
    case "sentinel":
      return `${place.masterName} of the Sentinels ${place.sentinels.map(addressText).join(", ")}`;
    case "cluster":
      return `the Cluster of ${place.nodes.map(addressText).join(", ")}`;
  }
}

/** `host:port`, with brackets around an IPv6 address. */
function addressText({ host, port }: RedisAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
