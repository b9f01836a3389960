// The shapes of the API's answers as types, for those who call it in TypeScript (the workspace in ui/). Types only: importing them brings no code.
import type { z } from '@hono/zod-openapi';
import type { CannedReply } from './canned-replies.ts';
import type { DraftSchema, MessageSchema, SlaSchema, TicketSchema } from './schemas.ts';
import type { Operations } from './operations-schemas.ts';
import type { Summary } from './summary.ts';
import type { SidebarLayoutSchema } from './admin/sidebar-layouts.ts';
import type { Context } from './tickets/context.ts';
import type { MovePreview } from './tickets/move-preview.ts';
import type { Live } from './tickets/read.ts';
import type { NotificationTopic } from '#domain/notifications.ts';
import type { PresenceSchema } from './presence.ts';
import type { Recommended } from './tickets/recommended-replies.ts';
import type { ReplyDefaults } from './tickets/reply-defaults.ts';
import type { ActorSchema, EventShapes } from './tickets/event-schemas.ts';

/** A ticket as GET /tickets/{id} answers it. */
export type TicketWire = z.infer<typeof TicketSchema>;
export type SlaWire = z.infer<typeof SlaSchema>;
export type MessageWire = z.infer<typeof MessageSchema>;
/** An event of the timeline; its type says what its data holds. */
export type EventWire = {
  [T in keyof EventShapes]: {
    ticketId: number;
    seq: number;
    at: string;
    type: T;
    actor: z.infer<typeof ActorSchema>;
    data: z.infer<EventShapes[T]>;
  };
}[keyof EventShapes];
/** What stands at one place of the timeline. */
export type TimelineItemWire =
  | { kind: 'message'; at: string; message: MessageWire }
  | { kind: 'event'; at: string; event: EventWire };
export type SummaryWire = z.infer<typeof Summary>;
export type OperationsWire = z.infer<typeof Operations>;
export type LiveWire = z.infer<typeof Live>;
/** What every notice says of itself. */
interface NoticeBase {
  id: string;
  topic: NotificationTopic | null;
  failure: { code: string; text: string } | null;
  at: string;
  readAt: string | null;
}
/** A notice: an event of a ticket that somebody was told of, or mail that waits for a person. */
export type NoticeWire =
  | {
      [T in keyof EventShapes]: NoticeBase & {
        ticketId: number;
        subject: string;
        actor: z.infer<typeof ActorSchema> | null;
        type: T;
        data: z.infer<EventShapes[T]>;
      };
    }[keyof EventShapes]
  | (NoticeBase & {
      ticketId: null;
      subject: null;
      actor: null;
      type: 'mailQuarantined';
      data: { inboundId: string; reason: string };
    });
/** Who looks at a ticket now. */
export type PresenceWire = z.infer<typeof PresenceSchema>;
export type DraftWire = z.infer<typeof DraftSchema>;
export type ReplyDefaultsWire = z.infer<typeof ReplyDefaults>;
export type RecommendedReplyWire = z.infer<typeof Recommended>;
export type CannedReplyWire = z.infer<typeof CannedReply>;
export type MovePreviewWire = z.infer<typeof MovePreview>;
export type TicketContextWire = z.infer<typeof Context>;
export type SidebarLayoutWire = z.infer<typeof SidebarLayoutSchema>;
/** One page of a list. */
export interface PageWire<T> {
  items: T[];
  nextCursor: string | null;
}
