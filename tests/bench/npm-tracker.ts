// The npm package bittorrent-tracker as a tracker of all protocols on 127.0.0.1:<argument>. A process of its own.
import Server from "bittorrent-tracker/server";
import { HOSTS } from "./fleet.ts";

const port = Number(process.argv[2]);
// It holds 1,000 peers of a swarm unless told otherwise; the others hold all.
const server = new Server({ http: true, udp: true, ws: true, stats: false, peersCacheLength: HOSTS });
server.listen(port, { http: "127.0.0.1", udp: "127.0.0.1", udp6: "::1" });
