// Lets packages that can do without WebRTC load where its native part is not installed.
import { registerHooks } from "node:module";

/** What webrtc-polyfill offers, empty: its users then take WebRTC for unsupported. */
const NO_WEBRTC = "data:text/javascript,export const [RTCPeerConnection, RTCSessionDescription, RTCIceCandidate] = [];";

/** For imports made from now on. */
export function blockNativeWebRtc(): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "webrtc-polyfill" ? { url: NO_WEBRTC, shortCircuit: true } : next(specifier, context),
  });
}
