// Looks after every connection once a round, a few at a time, so that thousands of them are no jolt.

export interface Heartbeat<Member> {
  add(member: Member): void;
  remove(member: Member): void;
  close(): void;
}

const STEP_MS = 1000;

export function startHeartbeat<Member>(roundSeconds: number, beat: (member: Member) => void): Heartbeat<Member> {
  const steps = Array.from({ length: roundSeconds }, () => new Set<Member>());
  let arriving = 0;
  let at = 0;
  const timer = setInterval(() => {
    at = (at + 1) % steps.length;
    for (const member of steps[at] ?? []) beat(member);
  }, STEP_MS);
  timer.unref();
  return {
    add(member) {
      arriving = (arriving + 1) % steps.length;
      steps[arriving]?.add(member);
    },
    remove(member) {
      for (const step of steps) if (step.delete(member)) return;
    },
    close: () => clearInterval(timer),
  };
}
