// What is saved of somebody: their fields without what the desk says of them.
import type { AdminUser } from '../types.ts';

/** What is saved of somebody. */
export type PersonContent = Pick<
  AdminUser,
  | ('name' | 'email' | 'role' | 'seat' | 'capacity' | 'channelCapacity')
  | ('skills' | 'skillLevels' | 'availability' | 'workingHours' | 'active')
>;

/** Somebody who is not there yet. */
export const NEW_PERSON: PersonContent = {
  ...{ name: '', email: '', role: 'agent', seat: true, capacity: null, channelCapacity: {} },
  ...{ skills: [], skillLevels: {}, availability: 'away', workingHours: null, active: true },
};
/** A user's own fields. */
export function contentOf(user: AdminUser): PersonContent {
  const { name, email, role, seat, capacity, channelCapacity } = user;
  const { skills, skillLevels, availability, workingHours, active } = user;
  return {
    ...{ name, email, role, seat, capacity, channelCapacity },
    ...{ skills, skillLevels, availability, workingHours, active },
  };
}
