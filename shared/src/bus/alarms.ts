/** Milliseconds by which an alarm may come late, so that many share a timer. */
const stepMs = 10;
/** A timer takes no more. */
const longestMs = 2 ** 31 - 1;

/** Something that rings once, unless it is cleared before. */
export type Alarm = { readonly at: number; readonly ring: () => void };

/**
 * Alarms for what nearly never lasts that long: setting and clearing one is an entry in a set, and one timer stands for
 * the soonest of them. None rings early, nor more than 10 ms late. While there are some the process goes on, as it does
 * with timers of their own.
 */
export type Alarms = { set(ms: number, ring: () => void): Alarm; clear(alarm: Alarm): void };

export function createAlarms(): Alarms {
  const alarms = new Set<Alarm>();
  let timer: NodeJS.Timeout | undefined;
  let timerAt = 0;

  function arm(at: number, now: number): void {
    clearTimeout(timer);
    const ms = Math.min(Math.ceil(Math.max(at - now, stepMs)), longestMs);
    timerAt = now + ms;
    timer = setTimeout(ringDue, ms);
  }

  function ringDue(): void {
    timer = undefined;
    const now = performance.now();
    const due: Alarm[] = [];
    let soonest = Number.POSITIVE_INFINITY;
    for (const alarm of alarms) {
      if (alarm.at <= now) due.push(alarm);
      else soonest = Math.min(soonest, alarm.at);
    }
    if (soonest < Number.POSITIVE_INFINITY) arm(soonest, now);
    // What rings may set and clear others.
    for (const alarm of due) if (alarms.delete(alarm)) alarm.ring();
  }

  return {
    set(ms, ring) {
      const now = performance.now();
      const alarm = { at: now + ms, ring };
      if (timer === undefined || alarm.at + stepMs < timerAt) arm(alarm.at, now);
      else if (alarms.size === 0) timer.ref();
      alarms.add(alarm);
      return alarm;
    },
    clear(alarm) {
      if (alarms.delete(alarm) && alarms.size === 0) timer?.unref();
    },
  };
}
