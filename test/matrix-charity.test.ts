import t from 'tap';
import { charity } from './matrix/charity.ts';
import { tryMatrix } from './matrix/run.ts';

await tryMatrix(t, charity);
