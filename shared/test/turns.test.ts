import t from 'tap';
import { createTurns } from '../src/database/turns.ts';

t.test('turns are taken one at a time, in the order of asking', async (t) => {
  const turns = createTurns('the thing');
  const order: number[] = [];
  let inside = 0;
  const visit = async (number: number) => {
    const end = await turns.take(5000);
    t.equal(++inside, 1);
    order.push(number);
    await new Promise(setImmediate);
    inside--;
    end();
  };
  await Promise.all([1, 2, 3, 4, 5].map(visit));
  t.strictSame(order, [1, 2, 3, 4, 5]);
});

t.test('who waits too long is told so, and passed over', async (t) => {
  const turns = createTurns('the thing');
  const end = await turns.take(5000);
  const impatient = turns.take(10);
  const patient = turns.take(5000);
  await t.rejects(impatient, { message: 'the thing was not free within 10 ms' });
  end();
  (await patient)();
  (await turns.take(10))();
});

t.test('a turn that is ended twice does not end the next one’s', async (t) => {
  const turns = createTurns('the thing');
  const end = await turns.take(5000);
  const next = turns.take(5000);
  end();
  end();
  await next;
  await t.rejects(turns.take(10), { message: 'the thing was not free within 10 ms' });
});
