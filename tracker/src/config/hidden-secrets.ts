// Takes passwords and tokens out of a value that is shown to people.

const HIDDEN = "(not shown)";
/** Of what holds a secret itself; `token_file` names a file that does. */
const SECRET_NAME = /(token|password|passphrase|secret|credentials?|authorization|cookie|key|headers?)$/i;
const USER_OF_URL = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i;

/** Another value, equal to it where there is nothing to hide. */
export function withoutSecrets(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, name));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => {
      return [key, withoutSecrets(inner, SECRET_NAME.test(name) ? name : key)] as const;
    });
    return Object.fromEntries(entries);
  }
  if (SECRET_NAME.test(name)) return HIDDEN;
  return typeof value === "string" ? value.replace(USER_OF_URL, `$1${HIDDEN}@`) : value;
}
