/**
 * What comes in one turn of the event loop, worked at together. `work` begins when the turn is over, so after each of its
 * items has come, and what it resolves or rejects with is that of all of them. Who comes later, or finds it full, is in
 * another one.
 */
export function gatherTurn<Item, Items, Done>({
  begin,
  add,
  isFull,
  work,
}: {
  begin: (first: Item) => Items;
  add: (items: Items, next: Item) => void;
  isFull: (items: Items) => boolean;
  work: (items: Items) => Promise<Done>;
}): (item: Item) => Promise<Done> {
  type Gathered = { items: Items; done: Promise<Done> };
  let open: Gathered | undefined;

  function gather(first: Item): Gathered {
    const items = begin(first);
    const turn = new Promise<void>((resolve) => {
      setImmediate(() => {
        if (open === gathered) open = undefined;
        resolve();
      });
    });
    const gathered: Gathered = { items, done: turn.then(() => work(items)) };
    return gathered;
  }

  return (item) => {
    if (open === undefined || isFull(open.items)) open = gather(item);
    else add(open.items, item);
    return open.done;
  };
}
