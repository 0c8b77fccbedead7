// Times as the API tells them: ISO 8601, in UTC.

/** `at` is milliseconds since the epoch. */
export function timeText(at: number): string {
  return new Date(at).toISOString();
}

export function timeTextOrNull(at: number | undefined): string | null {
  return at === undefined ? null : timeText(at);
}
