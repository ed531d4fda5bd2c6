import type { Part, SettingChange, SettingTexts } from '@vestibule/shared/contracts/settings';
import type { EventSource, NewEvent, Outbox } from '@vestibule/shared/outbox/outbox';
import { type Kysely, sql } from 'kysely';
import type { AuthTables } from './tables.ts';

/** All SQL on what parts were last started with, and on the events that tell what has changed of it. */
export function createKnownSettingsRepository({
  db,
  outbox,
}: {
  db: Kysely<AuthTables>;
  outbox: Outbox<AuthTables>;
}) {
  return {
    /**
     * Makes the changes that `changesOf` finds in what is known of a part, and tells of them in one event; none: nothing
     * is written. One after the other, on however many replicas.
     */
    async replace(
      part: Part,
      changesOf: (known: SettingTexts) => SettingChange[],
      source: EventSource,
    ): Promise<SettingChange[]> {
      const changes = await db.transaction().execute(async (tx) => {
        // The first note of a part has no row that it could lock.
        await sql`lock table auth.known_settings in share row exclusive mode`.execute(tx);
        const rows = await tx
          .selectFrom('known_settings')
          .select(['name', 'value'])
          .where('part', '=', part)
          .execute();
        const changes = changesOf(Object.fromEntries(rows.map(({ name, value }) => [name, value])));
        if (changes.length === 0) return changes;
        const names = changes.map(({ name }) => name);
        await tx.deleteFrom('known_settings').where('part', '=', part).where('name', 'in', names).execute();
        const known = changes.flatMap(({ name, to }) => (to === null ? [] : [{ part, name, value: to }]));
        if (known.length > 0) await tx.insertInto('known_settings').values(known).execute();
        const event: NewEvent = { kind: 'setting.changed', key: `setting:${part}`, data: { part, changes } };
        await outbox.add(tx, [event], source);
        return changes;
      });
      if (changes.length > 0) outbox.wake();
      return changes;
    },
  };
}
export type KnownSettingsRepository = ReturnType<typeof createKnownSettingsRepository>;
