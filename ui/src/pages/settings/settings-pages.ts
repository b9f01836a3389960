// Every page of the settings, one line each: its address, its words, its picture, the group it stands in and what who sees it must be allowed.
import {
  BellRing,
  CalendarClock,
  Inbox,
  KeyRound,
  Mail,
  MessageSquareText,
  ScrollText,
  ShieldCheck,
  SlidersHorizontal,
  Split,
  Timer,
  User,
  Users,
  Workflow,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { Permission } from '#domain/permissions.ts';

const WORK = 'work' as const;
const MAIL = 'mail' as const;
const RULES = 'rules' as const;
const ACCESS = 'access' as const;

/** The pages in their order. */
export const SETTINGS_PAGES = [
  { group: WORK, word: 'routing', to: '/settings/routing', icon: Split, sees: 'settings.view' },
  { group: WORK, word: 'teams', to: '/settings/teams', icon: Users, sees: 'settings.view' },
  { group: WORK, word: 'people', to: '/settings/people', icon: User, sees: 'settings.view' },
  { group: WORK, word: 'roles', to: '/settings/roles', icon: ShieldCheck, sees: 'settings.view' },
  {
    group: WORK,
    word: 'cannedReplies',
    to: '/settings/canned-replies',
    icon: MessageSquareText,
    sees: 'ticket.reply',
  },
  { group: MAIL, word: 'mailboxes', to: '/settings/mailboxes', icon: Mail, sees: 'settings.view' },
  { group: MAIL, word: 'incoming', to: '/settings/incoming', icon: Inbox, sees: 'inbound.view' },
  {
    group: RULES,
    word: 'slaPolicies',
    to: '/settings/sla-policies',
    icon: Timer,
    sees: 'settings.view',
  },
  {
    group: RULES,
    word: 'calendars',
    to: '/settings/calendars',
    icon: CalendarClock,
    sees: 'settings.view',
  },
  {
    group: RULES,
    word: 'pipelines',
    to: '/settings/pipelines',
    icon: Workflow,
    sees: 'settings.view',
  },
  {
    group: RULES,
    word: 'desk',
    to: '/settings/desk',
    icon: SlidersHorizontal,
    sees: 'settings.view',
  },
  {
    group: RULES,
    word: 'notifications',
    to: '/settings/notifications',
    icon: BellRing,
    sees: 'settings.desk',
  },
  { group: ACCESS, word: 'apiKeys', to: '/settings/api-keys', icon: KeyRound, sees: 'key.own' },
  {
    group: ACCESS,
    word: 'auditLog',
    to: '/settings/audit-log',
    icon: ScrollText,
    sees: 'audit.view',
  },
] as const satisfies readonly {
  group: string;
  word: string;
  to: string;
  icon: LucideIcon;
  sees: Permission;
}[];

/** Where a page of the settings is. */
export type SettingsPath = (typeof SETTINGS_PAGES)[number]['to'];

/** The groups in their order. */
export const SETTINGS_GROUPS = [WORK, MAIL, RULES, ACCESS];
