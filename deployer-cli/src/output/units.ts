// Sizes, shares, rates and times as people read them.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const STEP = 1024;

export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (Math.abs(value) >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit++;
  }
  const isWhole = Number.isInteger(value) || Math.abs(value) >= 100;
  return `${value.toFixed(isWhole ? 0 : 1)} ${UNITS[unit]}`;
}

export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

export function formatClients(seeders: number, leechers: number): string {
  return `${formatCount(seeders, "seeder")}, ${formatCount(leechers, "leecher")}`;
}

/** Never says 100 % of what is not whole. */
export function formatShare(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

/** One number over another, such as copies of a payload; `-` where there is nothing to compare with. */
export function formatQuotient(part: number, whole: number): string {
  return whole === 0 ? "-" : (part / whole).toFixed(2);
}

export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}

/** For columns: `5:44`, `2:01:09`; below ten seconds with a tenth. */
export function formatClock(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const padded = `${rest}`.padStart(2, "0");
  return hours > 0 ? `${hours}:${`${minutes}`.padStart(2, "0")}:${padded}` : `${minutes}:${padded}`;
}

/** An ISO 8601 time to the second, without the date's `T`; `-` for null. */
export function formatTime(time: string | null): string {
  return time === null ? "-" : `${time.slice(0, 19).replace("T", " ")}Z`;
}
