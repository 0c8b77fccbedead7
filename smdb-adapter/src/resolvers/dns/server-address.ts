// Addresses of DNS servers as people write them: `10.0.0.53`, `10.0.0.53:5353`, `fd00::53`, `[fd00::53]:5353`.
import { isIP } from "node:net";

export interface ServerAddress {
  readonly address: string;
  readonly port: number;
  readonly family: 4 | 6;
  /** As it is shown in messages. */
  readonly text: string;
}

const DNS_PORT = 53;
const WITH_PORT = /^(?:\[(?<ipv6>[^\]]+)\]|(?<ipv4>[\d.]+))(?::(?<port>\d{1,5}))?$/;

/** Undefined for names, ports out of range and anything else. */
export function parseServerAddress(text: string): ServerAddress | undefined {
  if (isIP(text) !== 0) return serverAt(text, DNS_PORT);
  const { ipv4, ipv6, port = DNS_PORT } = WITH_PORT.exec(text)?.groups ?? {};
  const server = serverAt(ipv4 ?? ipv6 ?? "", Number(port));
  return server !== undefined && server.family === (ipv4 === undefined ? 6 : 4) ? server : undefined;
}

function serverAt(address: string, port: number): ServerAddress | undefined {
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || port < 1 || port > 65_535) return undefined;
  return { address, port, family, text: family === 6 ? `[${address}]:${port}` : `${address}:${port}` };
}
