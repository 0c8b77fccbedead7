// At most so many at a time; who comes beyond them waits in a line, which is bounded as well.

export interface Turnstile {
  /** Does the work when there is room for it. Rejects when the line is full, and when the turn has not come within `patienceMs`. */
  pass<T>(work: () => Promise<T>, patienceMs: number): Promise<T>;
}

export function createTurnstile(mostAtOnce: number, mostWaiting: number): Turnstile {
  let inside = 0;
  const line = new Set<() => void>();

  async function turn(patienceMs: number): Promise<void> {
    if (inside < mostAtOnce) return void inside++;
    if (line.size >= mostWaiting) throw new Error(`${line.size} wait already while ${inside} are asked`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    line.add(resolve);
    const timer = setTimeout(() => {
      line.delete(resolve);
      reject(new Error(`no turn within ${Math.round(patienceMs)} ms, as ${inside} others are asked`));
    }, patienceMs);
    await promise.finally(() => clearTimeout(timer));
  }

  /** Who leaves hands the place on to the next in line. */
  function leave(): void {
    const [next] = line;
    if (next === undefined) return void inside--;
    line.delete(next);
    next();
  }

  return {
    async pass(work, patienceMs) {
      await turn(patienceMs);
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
