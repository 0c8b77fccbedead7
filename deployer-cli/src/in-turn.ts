// Questions to others, some at a time.

const AT_A_TIME = 32;

/** Answers in the order of the items; rejects with what the first failing question rejects with. */
export async function inTurn<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
  atATime = AT_A_TIME,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const queue = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) answers[index] = await ask(item);
  };
  await Promise.all(Array.from({ length: atATime }, work));
  return answers;
}
