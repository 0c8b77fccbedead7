// What the benchmarks use of packages that bring no types.
declare module "bittorrent-tracker/server" {
  export default class Server {
    constructor(options: { http: boolean; udp: boolean; ws: boolean; stats: boolean });
    listen(port: number, host: string): void;
  }
}
