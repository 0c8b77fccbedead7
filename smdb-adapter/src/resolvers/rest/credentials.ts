// What a resolver shows to its service, and whom it trusts: out of the settings and the files that they name.
import { X509Certificate } from "node:crypto";
import { validateHeaderName, validateHeaderValue } from "node:http";
import { readTextFile } from "../../topology-file/text-file.ts";
import type { FaultList } from "./fault-list.ts";
import { PRESETS } from "./presets.ts";
import type { RestSettings } from "./rest-settings.ts";

export interface Credentials {
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** PEM; the system's authorities when undefined. */
  readonly ca: string | undefined;
}

/** Those of the client itself. */
const RESERVED_HEADERS = ["host", "connection", "content-length", "transfer-encoding", "upgrade", "expect"];
const SECRET = "…";

/** Files that secrets and certificates are read from. */
export function credentialFiles({ token_file, password_file, ca_file }: RestSettings): string[] {
  return [token_file, password_file, ca_file].filter((file) => file !== undefined);
}

/** Credentials to use only if there are no faults. */
export async function readCredentials(settings: RestSettings, faults: FaultList): Promise<Credentials> {
  const headers: Record<string, string> = { accept: "application/json", "user-agent": "rackcast" };
  for (const [name, value] of Object.entries(settings.headers ?? {})) {
    if (isHeader(name, value, faults)) headers[name.toLowerCase()] = value;
  }
  const authorization = await readAuthorization(settings, faults);
  if (authorization !== undefined && headers["authorization"] !== undefined) {
    faults.add("headers", "authorization", "is there beside a token or password", "remove one of them");
  }
  const ca = await readAuthorities(settings.ca_file, faults);
  return { headers: { ...headers, ...(authorization !== undefined && { authorization }) }, ca };
}

async function readAuthorization(settings: RestSettings, faults: FaultList): Promise<string | undefined> {
  const token = await readSecret("token", settings.token, settings.token_file, faults);
  const password = await readSecret("password", settings.password, settings.password_file, faults);
  const { username } = settings;
  if ((username === undefined) !== (password === undefined)) {
    const [given, missing] = username === undefined ? ["password", "username"] : ["username", "password"];
    faults.add(given, username ?? SECRET, `is there without ${missing}`, "give both, or neither");
  }
  if (token !== undefined && username !== undefined) {
    faults.add("token", SECRET, "is there beside username", "remove one of them");
  }
  if (username !== undefined) return `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
  if (token === undefined) return undefined;
  return `${settings.token_scheme ?? PRESETS[settings.preset ?? "smdb"].tokenScheme(token)} ${token}`;
}

async function readSecret(
  name: "token" | "password",
  given: string | undefined,
  file: string | undefined,
  faults: FaultList,
): Promise<string | undefined> {
  if (given !== undefined && file !== undefined) {
    faults.add(`${name}_file`, file, `is there beside ${name}`, "remove one of them");
  }
  const secret = file === undefined ? given : (await readSettingsFile(`${name}_file`, file, faults))?.trim();
  if (secret === undefined) return undefined;
  const source = file === undefined ? name : `${name}_file`;
  const isPrintable = name === "token" ? /^[\x21-\x7e]+$/ : /^\P{Cc}+$/u;
  if (!isPrintable.test(secret)) {
    faults.add(
      source,
      file ?? SECRET,
      `has no ${name} of one line in it`,
      `write the ${name} alone, without spaces around it`,
    );
  }
  return secret;
}

async function readAuthorities(file: string | undefined, faults: FaultList): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const pem = await readSettingsFile("ca_file", file, faults);
  if (pem === undefined) return undefined;
  try {
    // Reads the first; TLS skips what it cannot read.
    void new X509Certificate(pem);
  } catch {
    faults.add("ca_file", file, "has no certificate in it", "name a file of certificates in PEM");
  }
  return pem;
}

async function readSettingsFile(source: string, file: string, faults: FaultList): Promise<string | undefined> {
  try {
    return await readTextFile(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    faults.add(source, file, `cannot be read: ${reason}`, "check that the file exists and may be read by this user");
    return undefined;
  }
}

function isHeader(name: string, value: string, faults: FaultList): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    faults.add("headers", name, "is no header of HTTP", "write its name and its value, each on one line, in ASCII");
    return false;
  }
  if (!RESERVED_HEADERS.includes(name.toLowerCase())) return true;
  faults.add("headers", name, "is set by the client itself", "remove it");
  return false;
}
