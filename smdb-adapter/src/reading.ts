// What comes of reading one piece of text that a person wrote: its value, or what is wrong with it and the remedy.

export type Reading<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string; readonly remedy: string };

export function read<T>(value: T): Reading<T> {
  return { ok: true, value };
}

export function refuse(problem: string, remedy: string): Reading<never> {
  return { ok: false, problem, remedy };
}
