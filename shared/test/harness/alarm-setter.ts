/** Sets an alarm for a day that it clears, and one that rings; nothing else keeps it from its end. */
import { createAlarms } from '../../src/bus/alarms.ts';

const { set, clear } = createAlarms();
const long = set(86_400_000, () => console.log('a day passed'));
set(50, () => {
  console.log('rang');
  clear(long);
});
