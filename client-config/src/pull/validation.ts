// Checks the settings of hosts that pull against their schema and against each other, and names every fault at once.
import { createPublicKey } from "node:crypto";
import { isIP } from "node:net";

import { type CheckRelation, completeSettings, type SettingsKind } from "../validation.ts";
import { type CompletePullSettings, type PullSettings, PullSettingsSchema } from "./settings.ts";

const PULL_SETTINGS: SettingsKind<typeof PullSettingsSchema> = {
  subject: "Pulling",
  schema: PullSettingsSchema,
  relate,
};

/**
 * Fills in the defaults; of a private trust key only the public part is left.
 * @throws ConfigError `SETTINGS_INVALID` with every fault
 */
export function completePullSettings(settings: PullSettings): CompletePullSettings {
  const { trustKey, ...others } = completeSettings(PULL_SETTINGS, settings);
  const publicKey = publicPart(trustKey);
  return publicKey === undefined ? others : { ...others, trustKey: publicKey };
}

function publicPart(pem: string | undefined): string | undefined {
  try {
    const key = createPublicKey(pem ?? "");
    return key.asymmetricKeyType === "ed25519"
      ? key.export({ type: "spki", format: "pem" }).toString().trim()
      : undefined;
  } catch {
    return undefined;
  }
}

function relate(settings: CompletePullSettings, check: CheckRelation): void {
  const { releasesDirectory, currentDirectory, watchDirectory, sessionDirectory, stateDirectory } = settings;
  const { trustKey, bindAddress } = settings;
  const folders = { releasesDirectory, currentDirectory, watchDirectory, sessionDirectory, stateDirectory };
  for (const [setting, path] of Object.entries(folders)) {
    const around = Object.values(folders).filter((other) => `${path}/`.startsWith(`${other}/`));
    check(setting, around.length === 1, "must not be, or lie in, another of these folders");
  }
  check(
    "trustKey",
    trustKey === undefined || publicPart(trustKey) !== undefined,
    "must be an Ed25519 key in PEM, as openssl genpkey -algorithm ed25519 makes it",
  );
  check("bindAddress", bindAddress === undefined || isIP(bindAddress) > 0, "must be an IPv4 or IPv6 address");
}
