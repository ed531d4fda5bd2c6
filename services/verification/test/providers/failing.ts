import type { Environment } from '@vestibule/shared/config';
import type { Test } from 'tap';
import { mayHaveBeenSent } from '../../src/providers/send-fault.ts';
import type { Behaviour } from './stubs.ts';
import { inTime, message, subjects } from './subjects.ts';

/** A send by a provider that meets nothing but this, and fails: what is thrown, and the line that is logged. */
export async function failing(
  t: Test,
  name: keyof typeof subjects,
  behaviour: Behaviour,
  { environment = {}, deadline = inTime.deadline }: { environment?: Environment; deadline?: number } = {},
) {
  const subject = await subjects[name](t, { environment });
  subject.stub.always(behaviour);
  const error = await subject.provider.send(message, { deadline }).then(
    () => t.fail('the SMS counts as sent'),
    (error: unknown) => error,
  );
  t.match(error, { name: 'AppError', code: 'sms-not-sent', details: {} });
  const line = JSON.parse(subject.logs.text());
  t.match(line, { level: 'warn', provider: name, phoneEnd: '78', requestId: message.requestId });
  t.equal(line.maybeSent, mayHaveBeenSent(error));
  subject.logs.logger.error({ err: error }, 'as a handler that fails is logged');
  return { ...subject, line };
}

/**
 * Takes the place of AbortSignal.timeout: `asked` is what it was asked for, and the time is over when `over`
 * is called, so that no test waits, and none is late on a slow machine.
 */
export function patience(t: Test): { asked: number[]; over: () => void } {
  const asked: number[] = [];
  const controller = new AbortController();
  const real = AbortSignal.timeout;
  AbortSignal.timeout = (ms) => {
    asked.push(ms);
    return controller.signal;
  };
  t.teardown(() => {
    AbortSignal.timeout = real;
  });
  return { asked, over: () => controller.abort(new DOMException('time is over', 'TimeoutError')) };
}
