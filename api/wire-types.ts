// The shapes of the API's answers as types, for those who call it in TypeScript (the workspace in ui/). Types only: importing them brings no code.
import type { z } from '@hono/zod-openapi';
import type { MessageSchema, SlaSchema, TicketSchema } from './schemas.ts';
import type { Operations } from './operations-schemas.ts';
import type { Summary } from './summary.ts';
import type { SidebarLayoutSchema } from './admin/sidebar-layouts.ts';
import type { Context } from './tickets/context.ts';
import type { MovePreview } from './tickets/move-preview.ts';
import type { Live } from './tickets/read.ts';
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
export type MovePreviewWire = z.infer<typeof MovePreview>;
export type TicketContextWire = z.infer<typeof Context>;
export type SidebarLayoutWire = z.infer<typeof SidebarLayoutSchema>;
/** One page of a list. */
export interface PageWire<T> {
  items: T[];
  nextCursor: string | null;
}
