// What runs in the browser: a WebTorrent client that has the release's payload, or downloads it and says what it got.
/* global crypto, document, fetch */
import WebTorrent from "/webtorrent.min.js";

const say = (text) => (document.querySelector("#log").textContent += `${text}\n`);

async function bytesOf(path) {
  return new Uint8Array(await (await fetch(path)).arrayBuffer());
}

/** A chunk store (npm: abstract-chunk-store) that has everything already; WebTorrent's cache asks it for whole pieces. */
function storeOf(payload, pieceLengthBytes) {
  return {
    chunkLength: pieceLengthBytes,
    get: (index, done) => done(null, payload.slice(index * pieceLengthBytes, (index + 1) * pieceLengthBytes)),
    put: (index, bytes, done) => done(new Error("nothing is missing")),
    close: (done) => done(null),
    destroy: (done) => done(null),
  };
}

async function tellCopy(torrent) {
  const digest = await crypto.subtle.digest("SHA-256", await torrent.files[0].arrayBuffer());
  say(`complete: ${new Uint8Array(digest).toHex()}`);
}

globalThis.run = async ({ torrent: path, payload, pieceLengthBytes }) => {
  const client = new WebTorrent({ tracker: { rtcConfig: { iceServers: [] } } });
  client.on("error", ({ message }) => say(`error: ${message}`));
  const preloadedStore = payload && storeOf(await bytesOf(payload), pieceLengthBytes);
  const torrent = client.add(await bytesOf(path), preloadedStore ? { preloadedStore } : {});
  torrent.on("infoHash", () => say(`torrent ${torrent.infoHash}`));
  torrent.on("trackerAnnounce", () => say("announced"));
  torrent.on("warning", ({ message }) => say(`warning: ${message}`));
  torrent.on("wire", (wire) => say(`connected to ${wire.peerId}`));
  torrent.on("done", () => void tellCopy(torrent));
};
