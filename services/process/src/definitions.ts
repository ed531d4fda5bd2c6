import { createHash } from 'node:crypto';
import type { CallContext, Clock } from '@vestibule/shared/call-context';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import type { DefinitionView, processContracts } from '@vestibule/shared/contracts/process';
import { AppError } from '@vestibule/shared/errors';
import type { EventSource, Outbox } from '@vestibule/shared/outbox/outbox';
import { TypeCompiler } from '@vestibule/shared/schema';
import type { Transaction } from 'kysely';
import { LRUCache } from 'lru-cache';
import { Definition } from './definition.ts';
import { refuse } from './definition-fault.ts';
import { checkDefinition } from './definition-rules.ts';
import type { DefinitionsRepository } from './definitions-repository.ts';
import { mermaidOf } from './diagram/mermaid.ts';
import type { VersionedDefinition } from './moves.ts';
import type { ProcessTables } from './tables.ts';

type Contracts = typeof processContracts;

/** Definitions at hand, of 64 KiB at most each; the rest is read again. */
const mostAtHand = 200;
/** Bytes of the newest versions of all names together: their views must fit into one message of the bus. */
const mostBytes = 128 * 1024;

const definitionCheck = TypeCompiler.Compile(Definition);

const digestOf = (body: JsonObject): string =>
  createHash('sha256').update(JSON.stringify(body)).digest('hex');

const viewOf = (version: number, definition: Definition): DefinitionView => ({
  name: definition.name,
  title: definition.title,
  version,
  formSchema: definition.form,
  startable: definition.start.by === 'client',
  tasks: Object.entries(definition.steps).flatMap(([name, step]) =>
    step.kind === 'task' ? [{ name, title: step.title, formSchema: step.form }] : [],
  ),
  diagram: mermaidOf(definition, []),
});

/** The definitions of processes, versioned: a version never changes, and any replica sees a new one at once. */
export function createDefinitions({
  repository,
  outbox,
  clock,
}: {
  repository: DefinitionsRepository;
  outbox: Pick<Outbox<ProcessTables>, 'add' | 'wake'>;
  clock: Clock;
}) {
  const atHand = new LRUCache<string, Definition>({ max: mostAtHand });

  /** Fails with `process-unknown`. */
  async function versionOf(name: string, version: number): Promise<Definition> {
    const key = `${name} ${version}`;
    const known = atHand.get(key);
    if (known !== undefined) return known;
    const body = await repository.body({ name, version });
    if (body === undefined) throw new AppError('process-unknown');
    if (!definitionCheck.Check(body)) throw new Error(`what is stored as ${key} is no definition`);
    atHand.set(key, body);
    return body;
  }

  async function add(
    tx: Transaction<ProcessTables>,
    { name, body, deployedBy }: { name: string; body: JsonObject; deployedBy: number | null },
    source: EventSource,
  ): Promise<number> {
    const version = await repository.add(tx, {
      name,
      body,
      digest: digestOf(body),
      deployedBy,
      deployedAt: new Date(clock()),
    });
    const data = { processName: name, version };
    await outbox.add(tx, [{ kind: 'definition.deployed', key: `definition:${name}`, data }], source);
    return version;
  }

  return {
    /** What an instance is started with; null: there is no process of this name. */
    async newest(name: string): Promise<VersionedDefinition | null> {
      const version = await repository.newestVersion(name);
      return version === null ? null : { version, definition: await versionOf(name, version) };
    },

    version: versionOf,

    /** The newest version of each, by name. */
    async views(): Promise<DefinitionView[]> {
      const views: DefinitionView[] = [];
      for (const { name, version } of await repository.newestVersions()) {
        views.push(viewOf(version, await versionOf(name, version)));
      }
      return views;
    },

    /** Admins alone; fails with `definition-invalid`, whose `field` is the place and whose `rule` is what it breaks. */
    async deploy(
      { definition: body }: RequestOf<Contracts['deploy']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['deploy']>> {
      const { caller } = context;
      if (caller?.role !== 'admin' || caller.status !== 'active') throw new AppError('not-allowed');
      const { name } = checkDefinition(body);
      const version = await repository.inTurn(async (tx) => {
        const bytes = Buffer.byteLength(JSON.stringify(body)) + (await repository.bytesBeside(tx, name));
        if (bytes > mostBytes) refuse('definition', 'no-room');
        return add(tx, { name, body, deployedBy: caller.accountId }, context);
      });
      outbox.wake();
      return { name, version };
    },

    /**
     * At each start: a shipped definition becomes a new version when it is another than the one that was shipped
     * last, so that a start never goes back behind what an admin has deployed since. What admins have deployed
     * leaves room for them: no start may fail because of it.
     */
    async ship(bodies: readonly JsonObject[], source: EventSource): Promise<void> {
      await repository.inTurn(async (tx) => {
        for (const body of bodies) {
          const { name } = checkDefinition(body);
          if ((await repository.shippedDigest(tx, name)) === digestOf(body)) continue;
          await add(tx, { name, body, deployedBy: null }, source);
        }
      });
      outbox.wake();
    },

    /** Names of the processes whose newest version starts by itself when this happens. */
    startedBy: repository.startedBy,
  };
}
export type Definitions = ReturnType<typeof createDefinitions>;
