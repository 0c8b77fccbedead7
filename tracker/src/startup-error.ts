// Why a tracker could not start, told to whoever started it.

/** Every code with the remedy that its message ends in; without one, the problem brings its own. */
const STARTUP_ERRORS = {
  DATA_DIR_UNUSABLE: "give a folder that this user may write to by --data-dir",
  DATA_DIR_NOT_THE_USERS: "make the folder and all in it that user's by chown -R, or give another by --data-dir",
  DATA_DIR_TAKEN: "stop that tracker, or give this one a folder of its own by --data-dir",
  SNAPSHOTS_UNREADABLE: "move the file away; the swarms then form anew as hosts announce",
  REDIS_REFUSED: undefined,
  REGISTRY_REFUSED: undefined,
  TOPOLOGY_REFUSED: undefined,
  BAN_FILE_REFUSED: undefined,
  ACCOUNTING_REFUSED: undefined,
  RUN_AS_WITHOUT_ROOT: "start the tracker as root, or remove RUN_AS",
  RUN_AS_UNKNOWN: "name a user other than root by --run-as, as user, user:group or two numbers",
  RUN_AS_FAILED:
    "see what keeps processes from changing their user here, or start the tracker as that user without RUN_AS",
  TLS_UNUSABLE: "give a certificate and its key, both in PEM and readable by this user, by --tls-cert and --tls-key",
  PORT_TAKEN: "stop the program that has it, or choose another by --port",
  UDP_PORT_TAKEN: "stop the program that has it, choose another by --udp-port, or do without by --udp-port off",
  UDP_UNUSABLE: "choose --udp-socket auto",
  PORT_FORBIDDEN: "choose one above 1023 by --port, or grant CAP_NET_BIND_SERVICE",
  ADDRESS_UNUSABLE: "give an address of this machine by --host",
} as const;

export type StartupErrorCode = keyof typeof STARTUP_ERRORS;

/** Its message names the thing and the remedy, and may be shown to a user. */
export class StartupError extends Error {
  override readonly name = "StartupError";
  readonly code: StartupErrorCode;

  constructor(code: StartupErrorCode, problem: string, options?: ErrorOptions) {
    const remedy = STARTUP_ERRORS[code];
    super(remedy === undefined ? problem : `${problem}; ${remedy}`, options);
    this.code = code;
  }
}
