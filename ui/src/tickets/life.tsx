// The life of a ticket on an axis of time: its states, its messages, its deadlines, and what it waits for next.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useTimeline } from '../api/queries.ts';
import type { Ticket, TimelineItem } from '../api/types.ts';
import { at } from '../lib/time.ts';
import { useSlowNow } from '../lib/use-now.ts';
import { GOALS } from './labels.tsx';
import { wakeWords } from './wake-words.ts';

type Category = Ticket['category'];
interface Stretch {
  category: Category;
  fromMs: number;
  toMs: number;
}
interface Mark {
  atMs: number;
  label: string;
  kind: 'in' | 'out' | 'escalation' | 'due' | 'overdue' | 'wake';
}

const FILLS: Record<Category, string> = {
  new: 'var(--accent)',
  open: 'var(--warn)',
  waiting: 'var(--soft)',
  closed: 'var(--good)',
};
const WIDTH = 280;
const PAST_SHARE = 0.6;
const BAND_TOP = 26;
const BAND_HEIGHT = 12;

/** The stretches a ticket spent in each category, as its events tell. */
export function stretchesOf(
  ticket: Ticket,
  items: readonly TimelineItem[],
  nowMs: number,
): Stretch[] {
  const stretches: Stretch[] = [
    { category: 'new', fromMs: Date.parse(ticket.createdAt), toMs: nowMs },
  ];
  for (const item of items) {
    if (
      item.kind !== 'event' ||
      item.event.ticketId !== ticket.id ||
      item.event.type !== 'statusChanged'
    )
      continue;
    const last = stretches.at(-1);
    const atMs = Date.parse(item.at);
    if (last !== undefined) last.toMs = atMs;
    stretches.push({ category: item.event.data.category, fromMs: atMs, toMs: nowMs });
  }
  return stretches;
}

/** Places on the axis: the past takes its larger part, what is to come the rest, each to its own scale; else one would hide the other. */
function axis(fromMs: number, nowMs: number, toMs: number): (ms: number) => number {
  const end = WIDTH - 6;
  const now = toMs > nowMs ? 6 + (end - 6) * PAST_SHARE : end;
  const part = (ms: number, from: number, to: number): number =>
    Math.min(1, Math.max(0, (ms - from) / Math.max(1, to - from)));
  return (ms) =>
    ms <= nowMs
      ? 6 + part(ms, fromMs, nowMs) * (now - 6)
      : now + part(ms, nowMs, toMs) * (end - now);
}

export function Life({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const timeline = useTimeline(ticket.id);
  const items = useMemo(
    () => (timeline.data?.pages.flatMap((page) => page.items) ?? []).toReversed(),
    [timeline.data],
  );
  const stretches = stretchesOf(ticket, items, nowMs);
  const marks = useMarks(ticket, items);
  const fromMs = Date.parse(ticket.createdAt);
  const latestMs = Math.max(nowMs, ...marks.map((one) => one.atMs));
  const x = axis(fromMs, Math.max(nowMs, fromMs + 1), latestMs);
  const summary = stretches.map((one) => t(`ticket.categories.${one.category}`)).join(' → ');
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} 66`} role="img" aria-label={summary} className="w-full">
        {stretches.map((one) => (
          <rect
            key={one.fromMs}
            x={x(one.fromMs)}
            y={BAND_TOP}
            width={Math.max(2, x(one.toMs) - x(one.fromMs))}
            height={BAND_HEIGHT}
            rx={2}
            fill={FILLS[one.category]}
          >
            <title>{t(`ticket.categories.${one.category}`)}</title>
          </rect>
        ))}
        <line
          x1={x(nowMs)}
          x2={x(nowMs)}
          y1={BAND_TOP - 8}
          y2={BAND_TOP + BAND_HEIGHT + 8}
          stroke="var(--ink)"
          strokeWidth={1}
          strokeDasharray="2 2"
        />
        {apart(marks, x).map((mark) => (
          <MarkShape
            key={`${mark.kind}${mark.atMs}${mark.label}`}
            mark={mark}
            x={x(mark.atMs)}
            words={`${mark.label} · ${at(new Date(mark.atMs).toISOString(), nowMs, i18n.language)}`}
          />
        ))}
        <text x={6} y={63} fontSize={10} fill="var(--soft)">
          {at(ticket.createdAt, nowMs, i18n.language)}
        </text>
        <text x={WIDTH - 6} y={63} fontSize={10} fill="var(--soft)" textAnchor="end">
          {at(new Date(latestMs).toISOString(), nowMs, i18n.language)}
        </text>
      </svg>
      <figcaption className="text-xs text-soft">{summary}</figcaption>
    </figure>
  );
}

/** One mark of a kind for each place of the axis: a thread of thousands of messages draws no more than can be told apart. */
function apart(marks: readonly Mark[], x: (ms: number) => number): Mark[] {
  const places = new Map(marks.map((mark) => [`${mark.kind}${Math.round(x(mark.atMs))}`, mark]));
  return [...places.values()];
}

function MarkShape({ mark, x, words }: { mark: Mark; x: number; words: string }) {
  const below = BAND_TOP + BAND_HEIGHT + 8;
  const shape = {
    in: <circle cx={x} cy={BAND_TOP - 8} r={3.5} fill="var(--accent)" />,
    out: (
      <circle
        cx={x}
        cy={BAND_TOP - 8}
        r={3.5}
        fill="none"
        stroke="var(--accent)"
        strokeWidth={1.5}
      />
    ),
    escalation: <path d={`M${x} ${BAND_TOP - 14} l4 8 h-8 z`} fill="var(--danger)" />,
    due: <path d={`M${x} ${BAND_TOP + BAND_HEIGHT + 2} v8`} stroke="var(--warn)" strokeWidth={2} />,
    overdue: (
      <path d={`M${x} ${BAND_TOP + BAND_HEIGHT + 2} v8`} stroke="var(--danger)" strokeWidth={2} />
    ),
    wake: <path d={`M${x} ${below - 4} l4 6 h-8 z`} fill="var(--ink)" />,
  }[mark.kind];
  return (
    <g>
      {shape}
      <title>{words}</title>
    </g>
  );
}

function useMarks(ticket: Ticket, items: readonly TimelineItem[]): Mark[] {
  const { t } = useTranslation();
  const marks: Mark[] = [];
  const messages = { in: t('timeline.contact'), out: t('composer.reply') };
  for (const item of items) {
    const atMs = Date.parse(item.at);
    if (item.kind === 'message' && item.message.kind !== 'note') {
      const kind = item.message.kind === 'inbound' ? 'in' : 'out';
      marks.push({ atMs, kind, label: messages[kind] });
    }
    if (item.kind === 'event' && item.event.type === 'escalated')
      marks.push({
        atMs,
        kind: 'escalation',
        label: t('timeline.event.escalated', {
          actions: item.event.data.actions
            .map(({ type }) => t(`ticketPage.events.actions.${type}`))
            .join(', '),
        }),
      });
  }
  for (const goal of GOALS) {
    const state = ticket.sla.goals[goal];
    if (state?.dueAt == null || state.completedAt !== null) continue;
    marks.push({
      atMs: Date.parse(state.dueAt),
      kind: state.state === 'overdue' ? 'overdue' : 'due',
      label: t(`sla.${goal}`),
    });
  }
  if (ticket.nextWake !== null)
    marks.push({
      atMs: Date.parse(ticket.nextWake.at),
      kind: 'wake',
      label: wakeWords(ticket.nextWake.reason, t),
    });
  return marks;
}
