// What runs in the browser: one page announces itself and waits, the other looks for announcers and calls them by PeerJS.
/* global Peer, document, WebSocket, location */

const say = (text) => (document.querySelector("#log").textContent += `${text}\n`);

function openChannel(port, proof, onEvent) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live`);
  const request = (action, infoHash) =>
    socket.send(JSON.stringify({ messageID: `${Math.random()}`, action, infoHashes: [infoHash] }));
  return new Promise((resolve) => {
    socket.onopen = () => socket.send(proof);
    socket.onmessage = ({ data: peer }) => {
      socket.onmessage = ({ data }) => onEvent(JSON.parse(data));
      resolve({ peer, request });
    };
  });
}

function openPeer(port, id) {
  const peer = new Peer(id, { host: "127.0.0.1", port, path: "/peerjs", config: { iceServers: [] } });
  peer.on("error", (error) => say(`peerjs: ${error.type} ${error.message}`));
  return new Promise((resolve) => peer.on("open", () => resolve(peer)));
}

async function announce({ port, proof, infoHash }) {
  const channel = await openChannel(port, proof, ({ action, status }) => say(`${action}: ${status}`));
  const peer = await openPeer(port, channel.peer);
  peer.on("connection", (connection) => {
    connection.on("data", (text) => {
      say(`received from ${connection.peer}: ${text}`);
      connection.send("hello, too, from the announcer");
    });
  });
  channel.request("announce", infoHash);
}

async function follow({ port, proof, infoHash }) {
  let peer;
  const channel = await openChannel(port, proof, (event) => {
    if (event.status) return say(`${event.action}: ${event.status}`);
    say(`${event.action === "announce" ? "found" : "lost"} ${event.peer}`);
    if (event.action !== "announce") return;
    const connection = peer.connect(event.peer);
    connection.on("open", () => connection.send("hello from the follower"));
    connection.on("data", (text) => say(`received: ${text}`));
  });
  peer = await openPeer(port, channel.peer);
  channel.request("subscribe", infoHash);
}

globalThis.run = (options) => (options.role === "announcer" ? announce(options) : follow(options));
