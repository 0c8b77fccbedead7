// What the benchmarks use of packages that bring no types.
declare module "bittorrent-tracker/server" {
  export default class Server {
    constructor(options: { http: boolean; udp: boolean; ws: boolean; stats: boolean; peersCacheLength: number });
    listen(port: number, hosts: { http: string; udp: string; udp6: string }): void;
  }
}
