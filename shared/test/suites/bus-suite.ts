import type { Test } from 'tap';
import type { OpenBus } from '../harness/bus-probe.ts';
import { busCallsSuite } from './bus-calls-suite.ts';
import { busContractsSuite } from './bus-contracts-suite.ts';
import { busErrorsSuite } from './bus-errors-suite.ts';
import { busServersSuite } from './bus-servers-suite.ts';

/** What every transport of the bus promises. */
export function busSuite(t: Test, open: OpenBus): void {
  busCallsSuite(t, open);
  busContractsSuite(t, open);
  busErrorsSuite(t, open);
  busServersSuite(t, open);
}
