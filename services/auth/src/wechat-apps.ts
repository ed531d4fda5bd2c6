import { SettingError } from '@vestibule/shared/config';

/** A mini-program, as WeChat knows it. */
export type WeChatApp = { appid: string; secret: string };

const listed = (text: string | undefined): string[] => text?.split(',').map((part) => part.trim()) ?? [];

/**
 * The mini-programs of the settings, the default one first; none where the settings name none. Fails with a
 * SettingError where ids and secrets are no pairs, or an id is there twice.
 */
export function wechatApps(ids: string | undefined, secrets: string | undefined): readonly WeChatApp[] {
  const appids = listed(ids);
  const keys = listed(secrets);
  if (new Set(appids).size < appids.length) {
    throw new SettingError('WECHAT_APPID is not valid: it names an id twice');
  }
  const apps = appids.flatMap((appid, place) => {
    const secret = keys[place];
    return secret === undefined ? [] : [{ appid, secret }];
  });
  if (apps.length < appids.length || keys.length > appids.length) {
    throw new SettingError(
      'WECHAT_SECRET is not valid: one secret for each id of WECHAT_APPID, in their order',
    );
  }
  return apps;
}
