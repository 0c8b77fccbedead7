// One way to hash a file, in a process of its own, so that its processor time and its peak of memory are its own.
import { basename } from "node:path";
import createTorrent from "create-torrent";
import { digestPayload } from "../../deployer-cli/src/torrent/digests.ts";
import { scanPayload } from "../../deployer-cli/src/torrent/payload.ts";
import { buildTorrent } from "../../deployer-cli/src/torrent/torrent-building.ts";
import type { BuildMeasure, BuildWay } from "./build.bench.ts";

const ANNOUNCE_URL = "http://tracker.example/announce";

const WAYS: Readonly<Record<BuildWay, (path: string, pieceLengthBytes: number) => Promise<unknown>>> = {
  rackcast: (path, pieceLengthBytes) => buildTorrent({ path, announceUrl: ANNOUNCE_URL, pieceLengthBytes }),
  "create-torrent": (path, pieceLength) => {
    const options = { name: basename(path), pieceLength, announceList: [[ANNOUNCE_URL]], filterJunkFiles: false };
    return new Promise((resolve, reject) =>
      createTorrent(path, options, (error, torrent) => (error ? reject(error) : resolve(torrent))),
    );
  },
  sha256: async (path, pieceLengthBytes) =>
    digestPayload({ ...(await scanPayload(path)), of: "files", pieceLengthBytes }, () => undefined),
};

const [way, path = "", pieceLengthBytes] = process.argv.slice(2);
const before = process.cpuUsage();
const startedAt = performance.now();
await WAYS[way as BuildWay](path, Number(pieceLengthBytes));
const seconds = (performance.now() - startedAt) / 1000;
const { user, system } = process.cpuUsage(before);
const peakBytes = process.resourceUsage().maxRSS * 1024;
const measure: BuildMeasure = { seconds, processorSeconds: (user + system) / 1e6, peakBytes };
console.log(JSON.stringify(measure));
