/** Rows that one statement writes at most. */
const mostRows = 100;

type Gathered<Row> = { rows: Row[]; written: Promise<void> };

/**
 * Rows of one kind that are to be written in one turn of the event loop, written by one statement: all of them, or, when
 * it fails, none, and its error is that of each.
 */
export function gatherWrites<Row>(
  write: (rows: readonly Row[]) => Promise<void>,
  most = mostRows,
): (row: Row) => Promise<void> {
  let open: Gathered<Row> | undefined;

  function begin(): Gathered<Row> {
    const rows: Row[] = [];
    const turn = new Promise<void>((resolve) => {
      setImmediate(() => {
        if (open?.rows === rows) open = undefined;
        resolve();
      });
    });
    return { rows, written: turn.then(() => write(rows)) };
  }

  return (row) => {
    if (open === undefined || open.rows.length >= most) open = begin();
    open.rows.push(row);
    return open.written;
  };
}
