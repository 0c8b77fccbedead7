// What a peer or a user may be told about bytes that are not what they should be.

/** Every code of this folder with what it stands for. All of them are tellable: messages hold no internals. */
export const WIRE_ERRORS = {
  BENCODE_INVALID: "bytes that are no canonical bencode",
  TORRENT_INVALID: "a .torrent that is corrupt, or whose fields contradict each other",
  TORRENT_NOT_PRIVATE: "a .torrent without the private flag of BEP 27",
  QUERY_INVALID: "an announce or scrape with a missing, malformed or repeated parameter",
  SENDER_NOT_ALLOWED: "an announce or scrape from outside the ranges that may send one",
  ADDRESS_INVALID: "text that is no IPv4 or IPv6 address",
} as const;

export type WireErrorCode = keyof typeof WIRE_ERRORS;

/** The only error that functions of this folder throw; `message` names the field and what is expected of it. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
