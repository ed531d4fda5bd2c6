import t from 'tap';
import { repair } from './matrix/repair.ts';
import { tryMatrix } from './matrix/run.ts';

await tryMatrix(t, repair);
