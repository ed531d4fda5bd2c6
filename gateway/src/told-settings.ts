import type { CommonSettings } from '@vestibule/shared/config';
import type { Logger } from '@vestibule/shared/logger';
import type { GatewayParts } from '@vestibule/shared/parts';
import { settingTexts } from '@vestibule/shared/setting-texts';
import { noteOver, tellSettings } from '@vestibule/shared/tell-settings';
import { type GatewayProfile, GatewaySettings } from './config.ts';

/** Tells auth what a gateway that has started runs with. */
export function tellGatewaySettings({
  common,
  settings,
  parts: { bus, clock },
  logger,
}: {
  common: CommonSettings;
  settings: GatewayProfile;
  parts: Pick<GatewayParts, 'bus' | 'clock'>;
  logger: Logger;
}): { stop(): Promise<void> } {
  const texts = settingTexts({ part: 'gateway', schema: GatewaySettings, common, settings });
  return tellSettings({ part: 'gateway', settings: texts, note: noteOver(bus), clock, logger });
}
