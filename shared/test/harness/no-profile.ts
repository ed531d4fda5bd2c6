import type { Profile } from '../../src/contracts/account.ts';

/** What an account says of its owner when nobody has written anything. */
export const noProfile: Profile = {
  firstName: '',
  lastName: '',
  name: '',
  phone: '',
  address: '',
  company: '',
  age: null,
  email: '',
  position: '',
  qq: '',
  cardno: '',
  wxid: '',
};
