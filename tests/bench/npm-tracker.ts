// The npm package bittorrent-tracker as an HTTP tracker on 127.0.0.1:<argument>. A process of its own.
import Server from "bittorrent-tracker/server";

new Server({ http: true, udp: false, ws: false, stats: false }).listen(Number(process.argv[2]), "127.0.0.1");
