// Every page of the settings, one line each: its address, its words, its picture and the group it stands in.
import {
  CalendarClock,
  Inbox,
  KeyRound,
  Mail,
  ScrollText,
  SlidersHorizontal,
  Split,
  Timer,
  User,
  Users,
  Workflow,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

const WORK = 'work' as const;
const MAIL = 'mail' as const;
const RULES = 'rules' as const;
const ACCESS = 'access' as const;

/** The pages in their order. */
export const SETTINGS_PAGES = [
  { group: WORK, word: 'routing', to: '/settings/routing', icon: Split },
  { group: WORK, word: 'teams', to: '/settings/teams', icon: Users },
  { group: WORK, word: 'people', to: '/settings/people', icon: User },
  { group: MAIL, word: 'mailboxes', to: '/settings/mailboxes', icon: Mail },
  { group: MAIL, word: 'incoming', to: '/settings/incoming', icon: Inbox },
  { group: RULES, word: 'slaPolicies', to: '/settings/sla-policies', icon: Timer },
  { group: RULES, word: 'calendars', to: '/settings/calendars', icon: CalendarClock },
  { group: RULES, word: 'pipelines', to: '/settings/pipelines', icon: Workflow },
  { group: RULES, word: 'desk', to: '/settings/desk', icon: SlidersHorizontal },
  { group: ACCESS, word: 'apiKeys', to: '/settings/api-keys', icon: KeyRound },
  { group: ACCESS, word: 'auditLog', to: '/settings/audit-log', icon: ScrollText },
] as const satisfies readonly { group: string; word: string; to: string; icon: LucideIcon }[];

/** Where a page of the settings is. */
export type SettingsPath = (typeof SETTINGS_PAGES)[number]['to'];

/** The groups in their order. */
export const SETTINGS_GROUPS = [WORK, MAIL, RULES, ACCESS];
