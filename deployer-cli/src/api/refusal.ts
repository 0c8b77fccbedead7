// What the tracker's refusals mean for the user: its own words, and the command's remedy behind them.
import { CommandError, type CommandErrorCode } from "../errors.ts";

/** Problem details (RFC 9457) as far as they are there. */
interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly title?: string;
}

interface Meaning {
  readonly code: CommandErrorCode;
  /** The tracker's words name a remedy too; here it is in the command's own. */
  readonly remedy?: string;
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  TORRENT_MALFORMED: { code: "TORRENT_MALFORMED" },
  TORRENT_NOT_PRIVATE: { code: "TORRENT_NOT_PRIVATE" },
  NAME_TAKEN: { code: "NAME_TAKEN", remedy: "That is: rackcast deactivate <name>, or rackcast publish --name <other>" },
  TRANSFER_NOT_ACTIVE: { code: "TRANSFER_NOT_ACTIVE" },
  ACCOUNTING_OFF: { code: "ACCOUNTING_OFF" },
  ANNOUNCE_KEY_ISSUED: {
    code: "KEY_ISSUED",
    remedy: "That is: rackcast keys rotate <user>, or rackcast keys revoke <user>",
  },
  ANNOUNCE_KEY_UNKNOWN: { code: "KEY_UNKNOWN", remedy: "That is: rackcast keys list" },
  TRANSFER_UNKNOWN: { code: "TRANSFER_UNKNOWN", remedy: "See what is registered: rackcast list" },
};

const TOKEN_REMEDY = "Set RACKCAST_TOKEN to the tracker's API_TOKEN";

export function refusal(tracker: string, response: Response, body: unknown): CommandError {
  const { status } = response;
  const problem = asProblem(body);
  const said = problem?.detail ?? problem?.title;
  if (status === 401 || status === 403) return authorization(tracker, problem?.code, said);
  if (status >= 500) return failed(tracker, status, said);
  if (said === undefined) return stranger(tracker, status);
  const meaning = MEANINGS[problem?.code ?? ""];
  if (!meaning) return new CommandError("TRACKER_REFUSED", `The tracker at ${tracker} refused: ${said}`);
  return new CommandError(meaning.code, meaning.remedy ? `${said}\n${meaning.remedy}` : said);
}

function authorization(tracker: string, code: string | undefined, said = "no reason given"): CommandError {
  // Without a token on the tracker's side there is none to send.
  const remedy =
    code === "LOOPBACK_ONLY"
      ? `${TOKEN_REMEDY}, once it has one, or run this on the tracker's host.`
      : `${TOKEN_REMEDY}.`;
  return new CommandError("NOT_AUTHORIZED", `The tracker at ${tracker} refused: ${said}\n${remedy}`);
}

function failed(tracker: string, status: number, said = "no reason given"): CommandError {
  return new CommandError(
    "TRACKER_FAILED",
    `The tracker at ${tracker} failed with ${status}: ${said}\nSee its log, then try again.`,
  );
}

function stranger(tracker: string, status: number): CommandError {
  const message = `What answers at ${tracker} is no Rackcast tracker (status ${status}); check --tracker or RACKCAST_TRACKER.`;
  return new CommandError("TRACKER_REFUSED", message);
}

function asProblem(body: unknown): Problem | undefined {
  return typeof body === "object" && body !== null ? (body as Problem) : undefined;
}
