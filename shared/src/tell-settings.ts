import { randomUUID } from 'node:crypto';
import type { Bus } from './bus/bus.ts';
import type { CallContext, Clock } from './call-context.ts';
import { authContracts } from './contracts/auth.ts';
import type { ReplyOf, RequestOf } from './contracts/contract.ts';
import type { Part, SettingTexts } from './contracts/settings.ts';
import { codeOf } from './errors.ts';
import type { Logger } from './logger.ts';
import { untilDone } from './patience.ts';

type NoteContract = typeof authContracts.noteSettings;
/** Takes the note: auth over the bus, or in auth itself the rule. */
export type NoteSettings = (
  note: RequestOf<NoteContract>,
  context: CallContext,
) => Promise<ReplyOf<NoteContract>>;

export const noteOver =
  (bus: Pick<Bus, 'call'>): NoteSettings =>
  (note, context) =>
    bus.call(authContracts.noteSettings, note, context);

const callMs = 3000;
/** Everything may be started at once: that auth is not there yet is worth a line only after some 4 s. */
const quietTries = 4;

/**
 * Tells auth what a part that has started runs with. In the background: the start waits for nothing, and while auth is
 * away it is told later, until `stop`.
 */
export function tellSettings({
  part,
  settings,
  note,
  clock,
  logger,
  newId = randomUUID,
  firstPauseMs = 250,
}: {
  part: Part;
  settings: SettingTexts;
  note: NoteSettings;
  clock: Clock;
  logger: Logger;
  /** Of this start, in the line of the audit log. */
  newId?: () => string;
  firstPauseMs?: number;
}): { stop(): Promise<void> } {
  const ending = new AbortController();
  const requestId = `start-${part}-${newId()}`;
  const telling = untilDone({
    async attempt() {
      const { changed } = await note({ part, settings }, { requestId, deadline: clock() + callMs });
      logger.debug({ part, requestId, changed }, 'the settings are noted');
    },
    failed(error, tries) {
      if (tries <= quietTries || ending.signal.aborted) return;
      logger.warn({ part, code: codeOf(error) }, 'auth could not be told of the settings yet');
    },
    signal: ending.signal,
    firstPauseMs,
  });

  return {
    async stop() {
      ending.abort();
      await telling;
    },
  };
}
