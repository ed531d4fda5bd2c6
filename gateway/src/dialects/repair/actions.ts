import { AppError } from '@vestibule/shared/errors';
import type { Static, TObject } from '@vestibule/shared/schema';
import type { FastifyRequest } from 'fastify';
import { createFieldsCheck } from '../../fields.ts';

/** What an action may know of its request. */
export type Asking = Pick<
  FastifyRequest,
  'caller' | 'strangeness' | 'callContext' | 'headers' | 'ip' | 'socket'
>;

/**
 * One of the things that a path does, of which `action` in the body names one: the fields that it needs, and
 * what it answers as `data`.
 */
export function action<S extends TObject>(
  schema: S,
  run: (fields: Static<S>, request: Asking) => Promise<object>,
) {
  const check = createFieldsCheck(schema);
  return async (request: Asking & { body: object }): Promise<object> => {
    const { fields, fails } = check({ ...request.body });
    if (fails !== undefined) throw new AppError('input-invalid', { field: fails });
    return run(fields, request);
  };
}
