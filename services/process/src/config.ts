import { CommonSettings } from '@vestibule/shared/config';
import { type Static, Type } from '@vestibule/shared/schema';

/** Settings of the process service, besides those that every process has. */
export const ProcessSettings = Type.Object({
  ...Type.Pick(CommonSettings, ['OUTBOX_POLL_MS']).properties,
  IDEMPOTENCY_TTL: Type.Integer({
    minimum: 1,
    maximum: 604_800,
    default: 86_400,
    description: 'seconds in which a repeated `Idempotency-Key` gets the first answer again; 1 to 604800',
  }),
  PROCESS_POLL_MS: Type.Integer({
    minimum: 10,
    maximum: 60_000,
    default: 1000,
    description: 'milliseconds between two looks for due tasks and for actions that wait; 10 to 60000',
  }),
  UPKEEP_INTERVAL: Type.Integer({
    minimum: 1,
    maximum: 3600,
    default: 60,
    description: 'seconds between two removals of expired rows; 1 to 3600',
  }),
});
export type ProcessSettings = Static<typeof ProcessSettings>;
