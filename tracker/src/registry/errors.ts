// What a registry refuses or fails with. Every message names the thing and the remedy.

/** Every code of this folder with what it stands for. All of them are tellable. */
export const REGISTRY_ERRORS = {
  NAME_TAKEN: "the name belongs to another transfer that is not inactive",
  TRANSFER_UNKNOWN: "no transfer with this info-hash was ever registered",
  TRANSFER_NOT_ACTIVE: "a host reported on a transfer that is not active",
  REPORTS_FULL: "as many hosts reported on the transfer as may",
  BAN_UNKNOWN: "there is no such ban",
  USER_MALFORMED: "what an announce key is to be issued to is no name of a user",
  ANNOUNCE_KEY_ISSUED: "the user has an announce key already",
  ANNOUNCE_KEY_UNKNOWN: "the user has no announce key",
  REGISTRY_UNREADABLE: "the registry's file cannot be opened, or is no registry",
  REGISTRY_IN_USE: "another process has the registry's file open",
  REGISTRY_TOO_NEW: "the registry's file was written by a newer version",
  REGISTRY_AWAY: "the Redis that keeps the registry does not answer, or refuses to write",
  REGISTRY_FOREIGN: "a key of the registry in Redis holds what no tracker wrote",
  REGISTRY_CONTENDED: "other trackers kept changing the transfer while this one tried to",
} as const;

export type RegistryErrorCode = keyof typeof REGISTRY_ERRORS;

/** The only error that functions of this folder throw on purpose. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly code: RegistryErrorCode;

  constructor(code: RegistryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function nameTaken(name: string, holder: { infoHash: string; state: string }): RegistryError {
  const held = `the ${holder.state} transfer ${holder.infoHash}`;
  const remedy = "deactivate that one first, or publish under another name";
  return new RegistryError("NAME_TAKEN", `The name ${JSON.stringify(name)} belongs to ${held}; ${remedy}.`);
}

export function banUnknown({ kind, value }: { kind: string; value: string }): RegistryError {
  const remedy = "list the bans to see what is";
  return new RegistryError("BAN_UNKNOWN", `The ${kind} ${value} is not banned; ${remedy}.`);
}

export function userMalformed(user: string): RegistryError {
  const remedy = "write 1 to 16 letters, digits, dots, hyphens or underscores, and no address";
  return new RegistryError("USER_MALFORMED", `${JSON.stringify(user)} is no name of a user; ${remedy}.`);
}

export function keyIssued(user: string): RegistryError {
  const remedy = "rotate it to get a new one, or revoke it first";
  return new RegistryError("ANNOUNCE_KEY_ISSUED", `${user} has an announce key already; ${remedy}.`);
}

export function keyUnknown(user: string): RegistryError {
  const remedy = "list the keys to see who has one";
  return new RegistryError("ANNOUNCE_KEY_UNKNOWN", `${JSON.stringify(user)} has no announce key; ${remedy}.`);
}

export function contended(what: string): RegistryError {
  const remedy = "try again, and see in the audit log who else changes it";
  return new RegistryError(
    "REGISTRY_CONTENDED",
    `${what} changed faster than this tracker could change it; ${remedy}.`,
  );
}

export function transferNotActive(infoHash: string): RegistryError {
  const remedy = "activate it first (rackcast activate)";
  return new RegistryError("TRANSFER_NOT_ACTIVE", `The transfer ${infoHash} is not active; ${remedy}.`);
}

export function reportsFull(infoHash: string): RegistryError {
  const remedy = "activate it anew with the targets that should have it";
  return new RegistryError("REPORTS_FULL", `Too many hosts reported on the transfer ${infoHash}; ${remedy}.`);
}

export function transferUnknown(infoHash: string): RegistryError {
  const remedy = "list the transfers to see what is registered, or publish its torrent first";
  return new RegistryError("TRANSFER_UNKNOWN", `No transfer ${infoHash} is registered; ${remedy}.`);
}
