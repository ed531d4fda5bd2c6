import type { TObject } from '@vestibule/shared/schema';
import { type Address, type Description, inquiry, type OperationOptions, operation } from '../dialect.ts';
import { Refused } from './answer-schemas.ts';
import { fail } from './answers.ts';

type Described<B extends TObject> = Omit<OperationOptions<B>, 'fail' | 'failure'>;
type Asked<A extends Address> = Omit<Description, 'fail' | 'failure'> & { address: A };

/** An operation of this document with a body. */
export const described = <B extends TObject>(options: Described<B>) =>
  operation({ ...options, failure: Refused, fail });

/** One without. */
export const asked = <A extends Address>(options: Asked<A>) =>
  inquiry({ ...options, failure: Refused, fail });

/** What is refused to callers of a process's operations. */
export const callerRefusals = ['session-dead', 'account-pending', 'not-allowed', 'input-invalid'] as const;
