import type { Ask } from '../../test/harness/paced-load.ts';
import { charitySays, outcomeOf, type People, type Person, repairSays } from './people.ts';

/** Instances on a full page of the list. */
const pageSize = 15;

/**
 * Writes that are told apart by their names: registrations, each asked for once, and repair requests, each asked for
 * with its own key until it is acknowledged.
 */
export function openLedger({ ask, insist, registering }: People, mark: string, applicant: Person) {
  const names: { name: string; acknowledged: boolean }[] = [];
  const pending: string[] = [];
  const applied: string[] = [];

  async function applyOnce(title: string): Promise<string> {
    const form = { title, description: 'It does not start', location: 'Room 201' };
    const fields = { action: 'create', process_name: 'repair_apply', form };
    const { token } = applicant;
    const answer = await ask({ path: '/api/process/instance', fields, token, key: title });
    const outcome = outcomeOf(answer, repairSays);
    if (outcome === 'good') applied.push(title);
    else pending.push(title);
    return outcome;
  }
  let turn = 0;
  const register = async () => {
    const entry = { name: `${mark}R${names.length}`, acknowledged: false };
    names.push(entry);
    const outcome = outcomeOf(await ask(registering(entry.name, '1')), charitySays);
    entry.acknowledged = outcome === 'good';
    return outcome;
  };
  const apply = () => {
    turn += 1;
    const title = pending.shift() ?? `${mark}A${turn}`;
    return applyOnce(title).catch((error: unknown) => {
      pending.push(title);
      throw error;
    });
  };

  /** How often each of these names is there. */
  async function foundNames(admin: Person): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const { name } of names) {
      const fields = { first_name: name };
      const { id_list } = await insist({ path: '/user/search/', fields, token: admin.token });
      found.set(name, Array.isArray(id_list) ? id_list.length : 0);
    }
    return found;
  }
  async function foundTitles(): Promise<string[]> {
    const titles: string[] = [];
    for (let page = 1; ; page += 1) {
      const path = `/api/process/instance?page=${page}`;
      const { items } = await insist({ method: 'GET', path, token: applicant.token });
      const found: unknown[] = Array.isArray(items) ? items : [];
      titles.push(...found.map((item) => String(Object(Object(item).form).title)));
      if (found.length < pageSize) return titles;
    }
  }

  return {
    /** For the load. */
    asks: [
      { name: 'register', ask: register },
      { name: 'apply', ask: apply },
    ] satisfies Ask[],
    /** Asks for what is not acknowledged yet, then compares with what is there. */
    async settle(admin: Person): Promise<{ acknowledged: number; lost: number; doubled: number }> {
      for (let tries = 0; pending.length > 0 && tries < 500; tries += 1) await apply();
      const byName = await foundNames(admin);
      const titles = await foundTitles();
      const counted = (title: string) => titles.filter((one) => one === title).length;
      const kept = names.filter(({ acknowledged }) => acknowledged);
      const lostNames = kept.filter(({ name }) => byName.get(name) === 0);
      const lostTitles = applied.filter((title) => counted(title) === 0);
      const twice = [...byName.values()].filter((count) => count > 1);
      return {
        acknowledged: kept.length + applied.length,
        lost: lostNames.length + lostTitles.length + pending.length,
        doubled: twice.length + titles.length - new Set(titles).size,
      };
    },
  };
}
