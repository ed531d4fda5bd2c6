import t from 'tap';
import { createStatementNames } from '../src/database/statement-names.ts';

t.test('a text keeps its name, and another one has another', async (t) => {
  const names = createStatementNames();
  const one = names.of('select 1', 0, false);
  t.match(one, /^[\w-]{20}\.0$/);
  t.equal(names.of('select 1', 0, true), one);
  t.not(names.of('select 2', 0, false), one);
});

t.test('texts that come when all names are given get none', async (t) => {
  const names = createStatementNames(2);
  const given = [1, 2, 3, 1].map((number) => names.of(`select ${number}`, 0, false) !== undefined);
  t.strictSame(given, [true, true, false, true]);
});

t.test('a list of rows gets no name, and takes none from others', async (t) => {
  const names = createStatementNames(1);
  t.equal(names.of('insert many', 41, false), undefined);
  t.type(names.of('insert some', 40, false), 'string');
});

t.test(
  'what answers all columns gets no name in a transaction, where it cannot be asked again',
  async (t) => {
    const names = createStatementNames();
    for (const text of ['select * from a', 'select "a".* from a', 'delete from a returning *']) {
      t.equal(names.of(text, 0, true), undefined, text);
      t.type(names.of(text, 0, false), 'string', text);
    }
    t.type(names.of('select a * 2 from a', 0, true), 'string');
  },
);

t.test('a text is renamed once for all who found its name stale', async (t) => {
  const names = createStatementNames();
  const stale = names.of('select 1', 0, false) ?? '';
  names.renew('select 1', stale);
  const fresh = names.of('select 1', 0, false);
  t.equal(fresh, stale.replace(/0$/, '1'));
  names.renew('select 1', stale);
  t.equal(names.of('select 1', 0, false), fresh);
});
