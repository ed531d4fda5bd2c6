import { AppError } from '@vestibule/shared/errors';
import { dictionary } from '@zxcvbn-ts/language-common';

const fewestCharacters = 8;
/** In small letters, the commonest first. */
const commonest: ReadonlySet<string> = new Set(
  dictionary['passwords-common'].filter((password) => password.length >= fewestCharacters),
);

const policies = {
  documented: (_password: string) => true,
  strong: (password: string) =>
    [...password].length >= fewestCharacters && !commonest.has(password.toLowerCase()),
};

/** Whether a new password is good enough: throws `password-weak`. Lengths are counted in characters. */
export function createPasswordPolicy(policy: keyof typeof policies) {
  return (password: string): void => {
    if (!policies[policy](password)) throw new AppError('password-weak');
  };
}
export type PasswordPolicy = ReturnType<typeof createPasswordPolicy>;
