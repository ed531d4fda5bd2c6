import { gatherTurn } from './gathered-turns.ts';

/** Rows that one statement writes at most. */
const mostRows = 100;

/**
 * Rows of one kind that are to be written in one turn of the event loop, written by one statement: all of them, or, when
 * it fails, none, and its error is that of each.
 */
export const gatherWrites = <Row>(
  write: (rows: readonly Row[]) => Promise<void>,
  most = mostRows,
): ((row: Row) => Promise<void>) =>
  gatherTurn({
    begin: (first: Row) => [first],
    add: (rows, next) => void rows.push(next),
    isFull: (rows) => rows.length >= most,
    work: write,
  });
