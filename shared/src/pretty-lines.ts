import type { DestinationStream } from 'pino';
import { type Static, Type, Value } from './schema.ts';

const LoggedError = Type.Recursive((Cause) =>
  Type.Object({
    type: Type.String(),
    message: Type.Optional(Type.String()),
    stack: Type.Optional(Type.String()),
    cause: Type.Optional(Cause),
  }),
);
type LoggedError = Static<typeof LoggedError>;

const Line = Type.Object({
  level: Type.String(),
  time: Type.String(),
  name: Type.String(),
  msg: Type.Optional(Type.String()),
  err: Type.Optional(LoggedError),
});

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** An error and what caused it: in words, or with all stacks. */
const told = ({ type, message, stack, cause }: LoggedError, withStack: boolean): string => {
  const words = withStack && stack ? stack : [type, message].filter(Boolean).join(': ');
  if (!cause) return words;
  return `${words}${withStack ? '\ncaused by ' : ', caused by '}${told(cause, withStack)}`;
};

/**
 * Turns the logger's JSON lines into ones for people: `12:00:00 info gateway: listening port=3000`. Stacks
 * are for faults: an error that is only warned of is told in words.
 */
export function prettyLines(target: DestinationStream): DestinationStream {
  return {
    write(text) {
      const line: unknown = JSON.parse(text);
      if (!Value.Check(Line, line)) return target.write(text);
      const { level, time, name, msg = '', err, ...fields } = line;
      const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${shown(value)}`);
      const fault = level === 'error' || level === 'fatal';
      const error = err ? `${fault ? '\n' : ': '}${told(err, fault)}` : '';
      target.write(`${time.slice(11, 19)} ${level} ${name}: ${msg}${rest.join('')}${error}\n`);
    },
  };
}
