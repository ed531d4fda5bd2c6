import { createHash } from 'node:crypto';
import type { Avatar } from '@vestibule/shared/contracts/account';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import type { userContracts } from '@vestibule/shared/contracts/user';
import { AppError } from '@vestibule/shared/errors';
import type { AvatarsRepository, StoredAvatar } from './avatars-repository.ts';

type GetAvatar = typeof userContracts.getAvatar;

/** A picture as it is kept: its etag is the same for the same bytes, and no other's. */
export function storedAvatar({ contentType, data }: Avatar): StoredAvatar {
  const bytes = Buffer.from(data, 'base64');
  const etag = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  return { contentType, bytes, etag };
}

/** A picture as the contracts show it. */
export function shownAvatar({ contentType, bytes }: StoredAvatar): Avatar {
  return { contentType, data: bytes.toString('base64') };
}

/** The pictures of accounts. */
export function createAvatars({ repository }: { repository: AvatarsRepository }) {
  return {
    /** Fails with `account-unknown`, also for deleted ones and for those without a picture. */
    async get({ id }: RequestOf<GetAvatar>): Promise<ReplyOf<GetAvatar>> {
      const avatar = await repository.find(id);
      if (avatar === null) throw new AppError('account-unknown');
      return { ...shownAvatar(avatar), etag: avatar.etag };
    },
  };
}
