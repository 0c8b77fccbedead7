// What keeps deltas out of a file, told with the remedy.
import { SinkError } from "../delta-sink.ts";

const LASTING: Readonly<Record<string, string>> = {
  ENOENT: "make its folder, or correct ACCOUNTING_SINK",
  ENOTDIR: "correct ACCOUNTING_SINK: what is in front of its name is no folder",
  EISDIR: "correct ACCOUNTING_SINK: it is a folder, and a file is needed",
  EACCES: "let the tracker's user write to the file and to its folder",
  EPERM: "let the tracker's user write to the file and to its folder",
  EROFS: "name a file on a disk that may be written to by ACCOUNTING_SINK",
  EFBIG: "raise the largest size of a file (ulimit -f), or rotate it at less",
  EIO: "see the system's log for what is wrong with its disk",
};
const PASSING: Readonly<Record<string, string>> = {
  ENOSPC: "free space on its disk",
  EDQUOT: "raise the quota of the tracker's user, or free space",
};

export function tellFileError(error: unknown, file: string): unknown {
  if (error instanceof SinkError || !(error instanceof Error)) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const remedy = LASTING[code] ?? PASSING[code] ?? "see the system's log";
  return new SinkError(`deltas cannot be written to ${file} (${error.message}); ${remedy}`, {
    cause: error,
    isRefusal: PASSING[code] === undefined,
  });
}
