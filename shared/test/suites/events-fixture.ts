import { randomUUID } from 'node:crypto';
import type { Test } from 'tap';
import type { DomainEvent } from '../../src/contracts/event.ts';
import { codeOf } from '../../src/errors.ts';
import type { Events } from '../../src/events/events.ts';
import { publish } from '../harness/publishing.ts';
import { until } from '../harness/server-process.ts';

/** Events as one process of the platform has them, and as another one has the same. */
export type OpenEvents = (t: Test) => Promise<{ events: Events; replica: Events }>;

/** The `number`th thing that happened to an account. */
export function anEvent(number = 0, accountId = 10_000_007): DomainEvent<'account.profile-changed'> {
  return {
    id: randomUUID(),
    kind: 'account.profile-changed',
    key: `account:${accountId}`,
    at: '2026-11-05T08:00:00.000Z',
    requestId: 'request-1',
    actorId: 10000001,
    address: '192.0.2.7',
    data: { accountId, fields: [String(number)] },
  };
}

export const numberOf = ({ data }: DomainEvent<'account.profile-changed'>) => Number(data.fields[0]);

/** Publishes as an outbox does: the next one when the one before got through, however many tries that takes. */
export async function publishInOrder(events: Events, all: readonly DomainEvent[]): Promise<void> {
  for (const event of all) {
    await until(`${event.id} is published`, async () => {
      try {
        await publish(events, event);
        return true;
      } catch (error) {
        if (codeOf(error) === 'contract-violated') throw error;
        return false;
      }
    });
  }
}

/** Publishes as an outbox does: what did not get through again, however many tries that takes. */
export async function publishTogether(events: Events, all: readonly DomainEvent[]): Promise<void> {
  let left = all;
  await until('all are published', async () => {
    const published = await events.publish(left);
    left = left.filter((_, place) => published[place] !== 'published');
    return left.length === 0;
  });
}
