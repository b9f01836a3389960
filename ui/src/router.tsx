// The addresses of the workspace. Pages beside the daily ones come when they are opened.
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { ApiError, call } from './api/client.ts';
import { queryClient } from './api/query-client.ts';
import { meQuery } from './api/queries.ts';
import { inboxSearch } from './lib/inbox-search.ts';
import { Inbox } from './pages/inbox.tsx';
import { NoPage, PageFault } from './pages/page-fault.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { Shell } from './shell/shell.tsx';

const root = createRootRoute({ component: Outlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: SignIn,
  validateSearch: (search: Record<string, unknown>): { to?: string; error?: string } => ({
    ...(typeof search['to'] === 'string' ? { to: search['to'] } : {}),
    ...(typeof search['error'] === 'string' ? { error: search['error'] } : {}),
  }),
});

const tokenSearch = (search: Record<string, unknown>): { token?: string } =>
  typeof search['token'] === 'string' ? { token: search['token'] } : {};
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: tokenSearch,
  component: lazyRouteComponent(() => import('./pages/account/setup.tsx'), 'Setup'),
});
const invite = createRoute({
  getParentRoute: () => root,
  path: '/invite',
  validateSearch: tokenSearch,
  component: lazyRouteComponent(() => import('./pages/account/invitation.tsx'), 'Invitation'),
});
const forgotPassword = createRoute({
  getParentRoute: () => root,
  path: '/forgot-password',
  component: lazyRouteComponent(() => import('./pages/account/passwords.tsx'), 'ForgotPassword'),
});
const resetPassword = createRoute({
  getParentRoute: () => root,
  path: '/reset-password',
  validateSearch: tokenSearch,
  component: lazyRouteComponent(() => import('./pages/account/passwords.tsx'), 'ResetPassword'),
});

const desk = createRoute({
  getParentRoute: () => root,
  id: 'desk',
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        const { needed } = await call<{ needed: boolean }>('GET', '/api/v1/setup');
        if (needed) redirect({ to: '/setup', throw: true });
        redirect({ to: '/sign-in', search: { to: location.href }, throw: true });
      }
      throw error;
    }
  },
});

const home = createRoute({
  getParentRoute: () => desk,
  path: '/',
  beforeLoad: () => {
    redirect({ to: '/views/$viewId', params: { viewId: 'assignedToMe' }, throw: true });
  },
});

const view = createRoute({
  getParentRoute: () => desk,
  path: '/views/$viewId',
  component: Inbox,
  validateSearch: inboxSearch,
});
const ticketInView = createRoute({
  getParentRoute: () => view,
  path: '/tickets/$ticketId',
  component: () => null,
});
const ticketPage = createRoute({
  getParentRoute: () => desk,
  path: '/tickets/$ticketId',
  component: lazyRouteComponent(() => import('./pages/ticket-page.tsx'), 'TicketPage'),
});

const summary = createRoute({
  getParentRoute: () => desk,
  path: '/summary',
  component: lazyRouteComponent(() => import('./pages/summary.tsx'), 'SummaryPage'),
});
const operations = createRoute({
  getParentRoute: () => desk,
  path: '/operations',
  component: lazyRouteComponent(() => import('./pages/operations.tsx'), 'OperationsPage'),
});
const profile = createRoute({
  getParentRoute: () => desk,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/account/profile.tsx'), 'Profile'),
});

const settings = createRoute({
  getParentRoute: () => desk,
  path: '/settings',
  component: lazyRouteComponent(
    () => import('./pages/settings/settings-shell.tsx'),
    'SettingsShell',
  ),
});
const settingsIndex = createRoute({
  getParentRoute: () => settings,
  path: '/',
  component: lazyRouteComponent(
    () => import('./pages/settings/settings-shell.tsx'),
    'SettingsIndex',
  ),
});
/** Which version of a policy or calendar is asked for. */
function versionSearch({ version }: Record<string, unknown>): { version?: number } {
  return typeof version === 'number' && Number.isSafeInteger(version) && version > 0
    ? { version }
    : {};
}
const slaPolicies = createRoute({
  getParentRoute: () => settings,
  path: '/sla-policies',
  component: lazyRouteComponent(() => import('./sla/policies-page.tsx'), 'PoliciesPage'),
});
const slaPolicy = createRoute({
  getParentRoute: () => settings,
  path: '/sla-policies/$policyId',
  validateSearch: versionSearch,
  component: lazyRouteComponent(() => import('./sla/policy-page.tsx'), 'PolicyPage'),
});
const calendars = createRoute({
  getParentRoute: () => settings,
  path: '/calendars',
  component: lazyRouteComponent(() => import('./sla/calendars-page.tsx'), 'CalendarsPage'),
});
const calendar = createRoute({
  getParentRoute: () => settings,
  path: '/calendars/$calendarId',
  validateSearch: versionSearch,
  component: lazyRouteComponent(() => import('./sla/calendar-page.tsx'), 'CalendarPage'),
});

const routing = createRoute({
  getParentRoute: () => settings,
  path: '/routing',
  component: lazyRouteComponent(
    () => import('./pages/settings/routing/routing-page.tsx'),
    'RoutingPage',
  ),
});
const explainRouting = createRoute({
  getParentRoute: () => settings,
  path: '/routing/explain',
  component: lazyRouteComponent(
    () => import('./pages/settings/routing/explain-page.tsx'),
    'ExplainPage',
  ),
});
const routingRule = createRoute({
  getParentRoute: () => settings,
  path: '/routing/$ruleId',
  component: lazyRouteComponent(() => import('./pages/settings/routing/rule-page.tsx'), 'RulePage'),
});
const teams = createRoute({
  getParentRoute: () => settings,
  path: '/teams',
  component: lazyRouteComponent(() => import('./pages/settings/teams-page.tsx'), 'TeamsPage'),
});
const team = createRoute({
  getParentRoute: () => settings,
  path: '/teams/$teamId',
  component: lazyRouteComponent(() => import('./pages/settings/team-page.tsx'), 'TeamPage'),
});
const people = createRoute({
  getParentRoute: () => settings,
  path: '/people',
  component: lazyRouteComponent(
    () => import('./pages/settings/people/people-page.tsx'),
    'PeoplePage',
  ),
});
const person = createRoute({
  getParentRoute: () => settings,
  path: '/people/$userId',
  component: lazyRouteComponent(
    () => import('./pages/settings/people/person-page.tsx'),
    'PersonPage',
  ),
});
const roles = createRoute({
  getParentRoute: () => settings,
  path: '/roles',
  component: lazyRouteComponent(() => import('./pages/settings/roles/roles-page.tsx'), 'RolesPage'),
});
const role = createRoute({
  getParentRoute: () => settings,
  path: '/roles/$roleId',
  // Which role a new one is a copy of.
  validateSearch: (search: Record<string, unknown>): { from?: string } =>
    typeof search['from'] === 'string' ? { from: search['from'] } : {},
  component: lazyRouteComponent(() => import('./pages/settings/roles/role-page.tsx'), 'RolePage'),
});
const cannedReplies = createRoute({
  getParentRoute: () => settings,
  path: '/canned-replies',
  component: lazyRouteComponent(
    () => import('./pages/settings/canned/canned-page.tsx'),
    'CannedRepliesPage',
  ),
});
const cannedReply = createRoute({
  getParentRoute: () => settings,
  path: '/canned-replies/$replyId',
  component: lazyRouteComponent(
    () => import('./pages/settings/canned/canned-reply-page.tsx'),
    'CannedReplyPage',
  ),
});
const mailboxes = createRoute({
  getParentRoute: () => settings,
  path: '/mailboxes',
  component: lazyRouteComponent(
    () => import('./pages/settings/mailboxes-page.tsx'),
    'MailboxesPage',
  ),
});
const mailbox = createRoute({
  getParentRoute: () => settings,
  path: '/mailboxes/$channelId',
  component: lazyRouteComponent(() => import('./pages/settings/mailbox-page.tsx'), 'MailboxPage'),
});
const incoming = createRoute({
  getParentRoute: () => settings,
  path: '/incoming',
  component: lazyRouteComponent(() => import('./pages/settings/incoming-page.tsx'), 'IncomingPage'),
});
const pipelines = createRoute({
  getParentRoute: () => settings,
  path: '/pipelines',
  component: lazyRouteComponent(
    () => import('./pages/settings/pipelines/pipelines-page.tsx'),
    'PipelinesPage',
  ),
});
const pipeline = createRoute({
  getParentRoute: () => settings,
  path: '/pipelines/$pipelineId',
  component: lazyRouteComponent(
    () => import('./pages/settings/pipelines/pipeline-page.tsx'),
    'PipelinePage',
  ),
});
const deskSettings = createRoute({
  getParentRoute: () => settings,
  path: '/desk',
  component: lazyRouteComponent(() => import('./pages/settings/desk-page.tsx'), 'DeskPage'),
});
const noticeDefaults = createRoute({
  getParentRoute: () => settings,
  path: '/notifications',
  component: lazyRouteComponent(
    () => import('./pages/settings/notice-defaults-page.tsx'),
    'NoticeDefaultsPage',
  ),
});
const apiKeys = createRoute({
  getParentRoute: () => settings,
  path: '/api-keys',
  component: lazyRouteComponent(() => import('./pages/settings/keys-page.tsx'), 'KeysPage'),
});
const auditLog = createRoute({
  getParentRoute: () => settings,
  path: '/audit-log',
  component: lazyRouteComponent(() => import('./pages/settings/audit-page.tsx'), 'AuditPage'),
});

const tree = root.addChildren([
  ...[signIn, setup, invite, forgotPassword, resetPassword],
  desk.addChildren([
    home,
    view.addChildren([ticketInView]),
    ...[ticketPage, profile, summary, operations],
    settings.addChildren([
      ...[settingsIndex, slaPolicies, slaPolicy, calendars, calendar],
      ...[
        routing,
        explainRouting,
        routingRule,
        teams,
        team,
        people,
        person,
        roles,
        role,
        cannedReplies,
        cannedReply,
        mailboxes,
        mailbox,
        incoming,
        pipelines,
        pipeline,
        deskSettings,
        noticeDefaults,
        apiKeys,
        auditLog,
      ],
    ]),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultErrorComponent: PageFault,
  defaultNotFoundComponent: NoPage,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
