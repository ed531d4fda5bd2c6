import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * How many accounts there are in each part of the list's order, so that a page is found without walking to it. Triggers
 * keep the counts, because the version before writes accounts too.
 */
export const accountBlocks: Migration = {
  async up(db) {
    await db.schema
      .createTable('account_blocks')
      .addColumn('from_created_at', 'timestamptz', (column) => column.notNull())
      .addColumn('from_id', 'bigint', (column) => column.notNull())
      .addColumn('count', 'integer')
      .addPrimaryKeyConstraint('account_blocks_pkey', ['from_created_at', 'from_id'])
      .execute();
    await db
      .insertInto('account_blocks')
      .values({ from_created_at: sql`'-infinity'`, from_id: 0, count: null })
      .execute();

    // The row of the block is locked before it is known whether somebody has closed it meanwhile, and a part of it is
    // another block by now: so it is looked for again. A statement sees what was committed before it began.
    await sql`
      create function users.count_in_block(created timestamptz, account bigint, change integer) returns void
      language plpgsql as $$
      declare
        block record;
      begin
        loop
          select from_created_at, from_id, count into block from users.account_blocks
            where (from_created_at, from_id) <= (created, account)
            order by from_created_at desc, from_id desc limit 1 for update;
          if block.count is null then
            return;
          end if;
          exit when not exists (
            select from users.account_blocks
            where (from_created_at, from_id) > (block.from_created_at, block.from_id)
              and (from_created_at, from_id) <= (created, account));
        end loop;
        update users.account_blocks set count = count + change
          where (from_created_at, from_id) = (block.from_created_at, block.from_id);
      end $$`.execute(db);
    await sql`
      create function users.count_in_blocks() returns trigger language plpgsql as $$
      begin
        if tg_op <> 'INSERT' and old.status <> 'deleted' then
          perform users.count_in_block(old.created_at, old.id, -1);
        end if;
        if tg_op <> 'DELETE' and new.status <> 'deleted' then
          perform users.count_in_block(new.created_at, new.id, 1);
        end if;
        return null;
      end $$`.execute(db);

    // Deferred, so that the row of a block is locked by who commits and waits for nothing any more.
    const counting = sql`deferrable initially deferred for each row`;
    await sql`
      create constraint trigger account_leaves_block after update of status, created_at, id on users.accounts
      ${counting} when ((old.status = 'deleted', old.created_at, old.id)
        is distinct from (new.status = 'deleted', new.created_at, new.id))
      execute function users.count_in_blocks()`.execute(db);
    await sql`
      create constraint trigger account_is_removed after delete on users.accounts
      ${counting} when (old.status <> 'deleted') execute function users.count_in_blocks()`.execute(db);
    // No younger account is in a block that is counted: see account-blocks-repository.ts. What registers pays nothing.
    await sql`
      create constraint trigger account_comes_late after insert on users.accounts
      ${counting} when (new.status <> 'deleted' and new.created_at < now() - interval '30 minutes')
      execute function users.count_in_blocks()`.execute(db);
  },
};
