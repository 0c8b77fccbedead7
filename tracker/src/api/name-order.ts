// The order in which the API lists what people gave names to: rack9 comes before rack10.

const BY_NAME = new Intl.Collator("en", { numeric: true });

export function byName(one: string, other: string): number {
  return BY_NAME.compare(one, other);
}
