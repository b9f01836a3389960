// Every operation of the API, who gets in, and what it shows of tickets: written by hand beside api/route-access.ts, so that a slip of one
// is met by the other. A new operation without a line here fails test/api/access.test.ts.

/** Admin, lead, agent, readOnly, the custom role of the test, and an agent without a seat. */
export const WHO = ['A', 'L', 'G', 'R', 'C', 'N'] as const;
/** One of them. */
export type Who = (typeof WHO)[number];

/** A ticket of the test with what hangs on it. */
export interface Fixture {
  ticketId: number;
  messageId: string;
  attachmentId: string;
  inboundId: string;
  mergeId: string;
}

/** How an operation is asked for one ticket. */
export interface Probe {
  path: string;
  body?: unknown;
}
/** none: shows nothing of tickets; list: filtered, with a test of its own; else how it is asked for one ticket. */
export type Sees = 'none' | 'list' | ((of: Fixture) => Probe);

/** One line: whose requests pass the door, and what it shows of tickets. */
export interface Line {
  who: string;
  sees: Sees;
}

const EVERYBODY = 'ALGRCN';
const WORKERS = 'ALGN';
const line = (who: string, sees: Sees = 'none'): Line => ({ who, sees });
const ticket = (suffix: string, body?: unknown): Sees => {
  return ({ ticketId }) => ({ path: `/tickets/${ticketId}${suffix}`, body });
};
const message = (suffix: string): Sees => {
  return ({ messageId }) => ({ path: `/messages/${messageId}${suffix}` });
};

const NOWHERE = '00000000-0000-7000-8000-00000000dead';

/** Reading settings; the custom role of the test may not. */
const readers = (...operations: string[]) => lines('ALGRN', operations);
/** Changing them. */
const admins = (...operations: string[]) => lines('A', operations);

function lines(who: string, operations: readonly string[]): Record<string, Line> {
  return Object.fromEntries(operations.map((name) => [name, line(who)]));
}

/** By operationId. The custom role holds ticket.view, ticket.note, ticket.assign and contact.view. */
export const ACCESS_TABLE: Readonly<Record<string, Line>> = {
  createTicket: line(WORKERS),
  listTickets: line(EVERYBODY, 'list'),
  streamEvents: line(EVERYBODY, 'list'),
  getTicket: line(EVERYBODY, ticket('')),
  getTimeline: line(EVERYBODY, ticket('/timeline')),
  getLive: line(EVERYBODY, ticket('/live')),
  getTicketContext: line(EVERYBODY, ticket('/context')),
  listFollowers: line(EVERYBODY, ticket('/followers')),
  getPresence: line(EVERYBODY, ticket('/presence')),
  setPresence: line(EVERYBODY, ticket('/presence', { state: 'viewing' })),
  endPresence: line(EVERYBODY, ticket('/presence')),
  getDrafts: line(EVERYBODY, ticket('/draft')),
  saveDraft: line('ALGCN', ticket('/draft', { kind: 'note', body: 'As I was' })),
  deleteDraft: line('ALGCN', ticket('/draft')),
  listDrafts: line(EVERYBODY, 'list'),
  listStepNotices: line(EVERYBODY, ticket('/step-notices')),
  listScheduledMessages: line(EVERYBODY, ticket('/scheduled')),
  getMessage: line(EVERYBODY, message('')),
  getMessageHtml: line(EVERYBODY, message('/html')),
  getAttachment: line(EVERYBODY, ({ attachmentId }) => ({ path: `/attachments/${attachmentId}` })),
  patchTicket: line('ALGCN', ticket('', { assigneeId: null })),
  snoozeTicket: line(WORKERS, ticket('/snooze', { until: null })),
  moveTicket: line('ALGCN', ticket('/move', {})),
  previewMoveOfTicket: line('ALGCN', ticket('/move/preview', {})),
  spamTicket: line(WORKERS, ticket('/spam', { spam: false })),
  followTicket: line(WORKERS, ticket('/follow', { follow: false })),
  unfollowTicket: line(WORKERS, ticket('/follow')),
  replyToTicket: line(WORKERS, ticket('/replies', { body: 'We look into it.' })),
  forwardTicket: line(WORKERS, ticket('/forward', { body: 'See.', to: ['v@vendor.test'] })),
  getReplyDefaults: line(WORKERS, ticket('/reply-defaults')),
  addNote: line('ALGCN', ticket('/notes', { body: 'Called them.' })),
  undoSend: line(WORKERS, message('')),
  retryMessage: line(WORKERS, message('/retry')),
  uploadAttachment: line('ALGCN'),
  mergeTicket: line(WORKERS, ticket('/merge', { intoTicketId: 999_999_999 })),
  splitTicket: line(WORKERS, ticket('/split', { messageIds: [NOWHERE] })),
  undoMerge: line(WORKERS, ({ mergeId }) => ({ path: `/merges/${mergeId}/undo` })),
  createBulkJob: line(WORKERS, 'list'),
  getBulkJob: line(WORKERS),
  cancelBulkJob: line(WORKERS),

  ...lines(EVERYBODY, ['listContacts', 'getContact', 'listCompanies', 'getCompany']),
  ...lines(WORKERS, ['createContact', 'patchContact', 'createCompany', 'patchCompany']),
  ...lines('AL', ['deleteContact', 'deleteCompany']),

  listInbound: line('ALGRN', 'list'),
  getInboundSource: line('ALGRN', ({ inboundId }) => ({ path: `/inbound/${inboundId}/source` })),
  retryInbound: line(WORKERS, ({ inboundId }) => ({ path: `/inbound/${inboundId}/retry` })),
  listNotifications: line(EVERYBODY, 'list'),
  ...lines(EVERYBODY, ['readNotifications', 'getNotificationSettings', 'getMySignature']),
  ...lines(EVERYBODY, ['changeNotificationSettings', 'getNotificationDefaults']),
  ...lines(EVERYBODY, ['replaceMySignature', 'getMySidebarLayout']),
  ...lines(EVERYBODY, ['listCannedReplies', 'getCannedReply', 'renderCannedReply']),
  ...lines(WORKERS, ['createCannedReply', 'replaceCannedReply', 'deleteCannedReply']),
  listRecommendedReplies: line('ALG', ticket('/recommended-replies')),
  countUnreadNotifications: line(EVERYBODY, 'list'),
  previewCannedReply: line(EVERYBODY, ({ ticketId }) => ({
    path: '/canned-replies/preview',
    body: { ticketId, body: 'About {{ticket.subject}}' },
  })),
  getMe: line(EVERYBODY),
  patchMe: line(EVERYBODY),
  search: line(EVERYBODY, 'list'),
  listViews: line(EVERYBODY),
  countViews: line(EVERYBODY, 'list'),
  pinView: line(EVERYBODY),
  getView: line('ALGR'),
  previewView: line('ALGR', 'list'),
  ...lines('ALGR', ['createView', 'replaceView', 'deleteView']),
  getSummary: line('ALGRN', 'list'),
  getOperations: line('A'),
  // Open to strangers, who prove themselves by what they bring.
  ...lines(EVERYBODY, ['getSetup', 'setUp', 'getInvitation', 'acceptInvitation']),
  ...admins('inviteUser', 'getUserAccount', 'removeSecondFactor', 'changeNotificationDefaults'),
  ...admins('createSidebarLayout', 'replaceSidebarLayout', 'deleteSidebarLayout'),
  ...readers('listSidebarLayouts', 'getSidebarLayout'),
  // Of somebody else, too.
  previewAvailability: line('AL', 'list'),

  explainRouting: line('ALGRN', ({ ticketId }) => ({
    path: '/routing-rules/explain',
    body: { ticketId },
  })),
  dryRunRouting: line('A', 'list'),
  simulateSlaPolicy: line('A'),
  getSimulation: line('ALGRN', 'list'),
  cancelSimulation: line('A'),
  simulateNewSlaPolicy: line('A'),
  getNewSlaPolicySimulation: line('ALGRN', 'list'),
  cancelNewSlaPolicySimulation: line('A'),

  ...readers('listSlaPolicys', 'getSlaPolicy', 'listSlaPolicyVersions', 'getSlaPolicyVersion'),
  ...readers('getSlaPolicyRollout', 'listCalendars', 'getCalendar', 'listCalendarVersions'),
  ...readers('getCalendarVersion', 'getCalendarRollout', 'previewBusinessHours'),
  ...readers('listRoutingRules', 'getRoutingRule', 'listChannels', 'getChannel'),
  ...readers('getPipelineRollout', 'getSettingsRollout', 'listRoles', 'getRole', 'listPermissions'),
  ...admins('createSlaPolicy', 'replaceSlaPolicy', 'deleteSlaPolicy', 'restoreSlaPolicyVersion'),
  ...admins('steerSlaPolicyRollout', 'createCalendar', 'replaceCalendar', 'deleteCalendar'),
  ...admins('restoreCalendarVersion', 'steerCalendarRollout', 'importHolidays'),
  ...admins('createRoutingRule', 'replaceRoutingRule', 'deleteRoutingRule'),
  ...admins('createTeam', 'replaceTeam', 'deleteTeam', 'createUser', 'replaceUser'),
  ...admins('createRole', 'replaceRole', 'deleteRole', 'createChannel', 'replaceChannel'),
  ...admins('tryChannel', 'tryNewChannel'),
  ...admins('createPipeline', 'replacePipeline', 'deletePipeline', 'steerPipelineRollout'),
  ...admins('patchSettings', 'getWebhookSecret', 'listAuditLog', 'exportAuditLog'),

  ...lines(EVERYBODY, ['listTeams', 'getTeam', 'listUsers', 'getUser', 'getUserLoad']),
  ...lines(EVERYBODY, ['listOutOfOffice', 'listPipelines', 'getPipeline', 'getSettings']),
  // Of somebody else, as the test asks: an agent passes the door, and the handler refuses.
  ...lines('AL', ['setAvailability', 'createOutOfOffice', 'deleteOutOfOffice']),
  ...lines('ALGRN', ['listApiKeys', 'getApiKey', 'createApiKey', 'deleteApiKey']),
};

/** A body that passes the schema where the handler itself refuses somebody. */
export const BODIES: Readonly<Record<string, unknown>> = {
  setAvailability: { availability: 'away' },
  previewAvailability: { availability: 'away' },
  createOutOfOffice: { from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' },
};
