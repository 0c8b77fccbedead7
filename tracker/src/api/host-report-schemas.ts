// What hosts report of releases, as the REST API takes and tells it.
import { Type } from "typebox";
import { HOST_REPORT_STATES, type HostReportState } from "../registry/host-reports.ts";

const LONGEST_MESSAGE = 500;
/** It is shown to people in one line of a terminal. */
// eslint-disable-next-line no-control-regex
const NO_CONTROLS = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";

const State = Type.Unsafe<HostReportState>({
  type: "string",
  enum: [...HOST_REPORT_STATES],
  description:
    "verified: every file on the host is as the manifest says, and the release is the current one of its series",
});

export const HostReport = Type.Object(
  {
    address: Type.String({ description: "IPv4 or IPv6 address in canonical text form" }),
    state: State,
    code: Type.Unsafe<string | null>({ type: ["string", "null"], description: "Why it failed, for programs" }),
    message: Type.Unsafe<string | null>({ type: ["string", "null"], description: "Why it failed, for people" }),
    reportedAt: Type.String({ format: "date-time", description: "By the tracker's clock" }),
  },
  { $id: "HostReport", description: "What a host last reported of a release, since its activation" },
);

export const HostReportRequest = Type.Object(
  {
    state: State,
    code: Type.Optional(
      Type.String({ pattern: "^[A-Z][A-Z0-9_]{0,39}$", description: "Why it failed, for programs: such as DISK_FULL" }),
    ),
    message: Type.Optional(
      Type.String({
        maxLength: LONGEST_MESSAGE,
        pattern: NO_CONTROLS,
        description: "Why it failed, in a line for people: names the thing at fault and the way out",
      }),
    ),
  },
  { $id: "HostReportRequest", additionalProperties: false },
);
