import t from 'tap';
import { gatherGets } from '../src/store/gathered-gets.ts';

function counted(answer: (key: string) => string | null) {
  const questions: string[][] = [];
  const getMany = gatherGets(async (keys) => {
    questions.push([...keys]);
    return keys.map(answer);
  });
  return { questions, getMany };
}

t.test(
  'what is asked in one turn is asked of the store once, and each gets its own values in order',
  async (t) => {
    const { questions, getMany } = counted((key) => (key === 'none' ? null : `of ${key}`));
    const answers = await Promise.all([getMany(['a', 'b']), getMany(['none']), getMany(['b', 'c', 'a'])]);
    t.same(answers, [['of a', 'of b'], [null], ['of b', 'of c', 'of a']]);
    t.same(questions, [['a', 'b', 'none', 'b', 'c', 'a']]);
  },
);

t.test('who asks after the question was sent is asked for anew', async (t) => {
  let value = 'old';
  const { questions, getMany } = counted(() => value);
  t.same(await getMany(['a']), ['old']);
  value = 'new';
  t.same(await getMany(['a']), ['new']);
  t.equal(questions.length, 2);
});

t.test('who asks while an answer is under way does not get that answer', async (t) => {
  const answer: (() => void)[] = [];
  let value = 'old';
  const getMany = gatherGets((keys) => {
    const read = keys.map(() => value);
    return new Promise((resolve) => answer.push(() => resolve(read)));
  });
  const first = getMany(['a']);
  await new Promise(setImmediate);
  value = 'new';
  const second = getMany(['a']);
  await new Promise(setImmediate);
  for (const give of answer) give();
  t.same([await first, await second], [['old'], ['new']]);
});

t.test('a failure reaches everybody who asked, and the next question is a new one', async (t) => {
  let fails = true;
  const getMany = gatherGets(async (keys) => {
    if (fails) throw new Error('away');
    return keys.map(() => 'here');
  });
  const [one, two] = await Promise.allSettled([getMany(['a']), getMany(['b'])]);
  t.equal(one.status, 'rejected');
  t.equal(two.status, 'rejected');
  fails = false;
  t.same(await getMany(['a']), ['here']);
});
