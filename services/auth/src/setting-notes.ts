import type { SettingChange, SettingTexts } from '@vestibule/shared/contracts/settings';
import type { NoteSettings } from '@vestibule/shared/tell-settings';
import type { KnownSettingsRepository } from './known-settings-repository.ts';

/** What is other in one note than in the one before, by name; null: not set. */
export function settingChanges(before: SettingTexts, after: SettingTexts): SettingChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .map((name) => ({ name, from: before[name] ?? null, to: after[name] ?? null }))
    .filter(({ from, to }) => from !== to);
}

export type SettingNotes = { note: NoteSettings };

/** Notes what parts of the platform run with, and tells what has changed since they last started. */
export function createSettingNotes({ repository }: { repository: KnownSettingsRepository }): SettingNotes {
  return {
    async note({ part, settings }, context) {
      const changes = await repository.replace(part, (known) => settingChanges(known, settings), context);
      return { changed: changes.length > 0 };
    },
  };
}
