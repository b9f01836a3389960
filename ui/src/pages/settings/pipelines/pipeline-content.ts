// What is saved of a pipeline, and what a new one begins with.
import type { AdminPipeline, AdminStatus } from '../types.ts';

/** A pipeline's own fields; `moveTicketsTo` says where tickets of removed statuses go. */
export type PipelineContent = Omit<AdminPipeline, 'id' | 'version' | 'autoClose'> & {
  autoClose: AdminPipeline['autoClose'];
  moveTicketsTo: Record<string, string>;
};

/** A pipeline's own fields as saved. */
export function contentOf(pipeline: AdminPipeline): PipelineContent {
  const { name, position, statuses, moves, statusOn, autoClose } = pipeline;
  return { name, position, statuses, moves, statusOn, autoClose, moveTicketsTo: {} };
}

/** The pipeline as the API takes it: the order of its statuses is their place, and an absent auto-close follows the desk. */
export function bodyOf({ statuses, autoClose, moveTicketsTo, ...rest }: PipelineContent): object {
  const gone = Object.entries(moveTicketsTo).filter(
    ([from, to]) => !statuses.some(({ id }) => id === from) && to !== '',
  );
  return {
    ...rest,
    statuses: statuses.map((status, position) => ({ ...status, position })),
    ...(autoClose === undefined ? {} : { autoClose }),
    ...(gone.length === 0 ? {} : { moveTicketsTo: Object.fromEntries(gone) }),
  };
}

/** An id for a status of this name that none of the others has. */
export function idFor(name: string, others: readonly AdminStatus[]): string {
  const words = name
    .normalize('NFD')
    .replace(/[^a-zA-Z0-9 ]/g, '')
    .split(' ')
    .filter((word) => word !== '');
  const joined = words
    .map((word, index) =>
      index === 0
        ? word.toLowerCase()
        : word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase(),
    )
    .join('')
    .replace(/^[0-9]+/, '')
    .slice(0, 50);
  const base = joined === '' ? 'status' : joined;
  const taken = (id: string): boolean => others.some((one) => one.id === id);
  let id = base;
  for (let number = 2; taken(id); number += 1) id = `${base}${number}`;
  return id;
}
