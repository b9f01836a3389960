// What a pipeline allows people to do with a ticket's status, and where mail moves it by itself. Pure look-ups.
import type {
  EmailEvent,
  Pipeline,
  PipelineStatus,
  StatusCategory,
  StatusTarget,
  TicketRules,
} from './desk.ts';

/** The status of this id, or undefined. */
export function statusById(pipeline: Pipeline, id: string): PipelineStatus | undefined {
  return pipeline.statuses.find((status) => status.id === id);
}

/** The first status of a category, or undefined. */
export function firstStatus(
  pipeline: Pipeline,
  category: StatusCategory,
): PipelineStatus | undefined {
  return pipeline.statuses.find((status) => status.category === category);
}

/** The statuses a person may move a ticket to from this one, itself left out. */
export function allowedTargets(pipeline: Pipeline, fromId: string): PipelineStatus[] {
  const { statuses, moves } = pipeline;
  const others = statuses.filter(({ id }) => id !== fromId);
  const place = statuses.findIndex(({ id }) => id === fromId);
  const from = statuses[place];
  if (moves === undefined || moves === null || from === undefined) return others;
  const { forbidSkips = false, forbidBackward = false } = moves;
  const listed = moves.allowedTo?.[fromId];
  const ruled = forbidSkips || forbidBackward;
  if (!ruled) return listed === undefined ? others : others.filter(({ id }) => listed.includes(id));
  return others.filter((target) => {
    if (listed?.includes(target.id) === true) return true;
    const steps = statuses.indexOf(target) - place;
    const reopens = from.category === 'closed' && target.category !== 'closed';
    if (steps < 0) return !forbidBackward || reopens;
    return !forbidSkips || steps === 1;
  });
}

/** The statuses a ticket may be created in. */
export function creationStatuses(pipeline: Pipeline): PipelineStatus[] {
  return pipeline.statuses.filter(({ atCreation }) => atCreation !== false);
}

/** In words, for a refusal. */
export function namesOf(statuses: readonly PipelineStatus[]): string {
  return statuses.length === 0 ? 'nothing' : statuses.map(({ id }) => `"${id}"`).join(', ');
}

/** Where a ticket of another pipeline, or of a status that is gone, belongs: the same status, its successor, its category. */
export function samePlace(
  pipeline: Pipeline,
  status: string,
  category: StatusCategory,
): PipelineStatus | undefined {
  const successor = pipeline.replaced?.[status];
  return (
    statusById(pipeline, status) ??
    (successor === undefined ? undefined : statusById(pipeline, successor)) ??
    firstStatus(pipeline, category) ??
    pipeline.statuses[0]
  );
}

/** What the rules say about an event by mail; undefined when they say nothing. */
export function targetOn(rules: TicketRules, event: EmailEvent): StatusTarget | null | undefined {
  return rules.statusOn?.[event];
}

/** The status a target means in this pipeline; undefined when it has none of that kind. */
export function statusOf(pipeline: Pipeline, target: StatusTarget): PipelineStatus | undefined {
  return 'status' in target
    ? statusById(pipeline, target.status)
    : firstStatus(pipeline, target.category);
}
