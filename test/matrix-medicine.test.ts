import t from 'tap';
import { medicine } from './matrix/medicine.ts';
import { tryMatrix } from './matrix/run.ts';

await tryMatrix(t, medicine);
