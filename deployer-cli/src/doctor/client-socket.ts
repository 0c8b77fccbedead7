// Who may write to the client's socket? Whoever may, can have it run programs.
import { stat } from "node:fs/promises";
import { type Check, failed, type Finding, ok } from "./check.ts";
import type { ClientProbe } from "./client-probe.ts";

export function clientSocket(client: ClientProbe): Check {
  return {
    name: "client: socket",
    run: async () => {
      const { socketPath } = client;
      const { mode } = await stat(socketPath).catch(() => ({ mode: undefined }));
      // Whether anybody answers there is for the call to say, which knows the remedies.
      await client.ask("system.pid");
      return judgeSocket(socketPath, mode ?? 0);
    },
  };
}

export function judgeSocket(path: string, mode: number): Finding {
  const permissions = (mode & 0o777).toString(8).padStart(4, "0");
  if ((mode & 0o002) === 0) return ok(`${path} answers; permissions ${permissions}`);
  const remedy = "Every user of this machine can run programs by it: set rtorrent's system.umask to 0022 or stricter.";
  return failed(`${path} may be written to by anybody (${permissions})`, remedy);
}
