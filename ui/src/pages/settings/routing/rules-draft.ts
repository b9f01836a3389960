// The rule set somebody is changing: only what they touched, over what is saved; nothing holds before all of it is saved.
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../../../api/client.ts';
import { useAll } from '../../../api/queries.ts';
import { useDraft } from '../../../sla/draft.ts';
import { newPlaces } from '../../../sla/order.ts';
import { useRefresh } from '../../../sla/queries.ts';
import { RULES } from '../types.ts';
import type { Rule } from '../types.ts';

/** What was touched. */
interface Touched {
  edits: Record<string, Rule>;
  /** Ids in their order; null while nobody moved one. */
  order: string[] | null;
  removed: string[];
}
const UNTOUCHED: Touched = { edits: {}, order: null, removed: [] };
const NEW = 'new-';
export const isNew = (id: string): boolean => id.startsWith(NEW);

/** A refusal of one rule of the set. */
export class RuleRefused extends Error {
  readonly rule: Rule;
  readonly refusal: unknown;
  constructor(rule: Rule, refusal: unknown) {
    super(rule.name);
    this.rule = rule;
    this.refusal = refusal;
  }
}

/** A rule as the API takes it. */
export function bodyOf({
  id: _id,
  version: _version,
  ...body
}: Rule): Omit<Rule, 'id' | 'version'> {
  return body;
}

const sameContent = (one: Rule, other: Rule): boolean =>
  JSON.stringify({ ...bodyOf(one), position: 0 }) ===
  JSON.stringify({ ...bodyOf(other), position: 0 });

/** The rules with what was touched, in order. */
export function rulesWith(saved: readonly Rule[], { edits, order, removed }: Touched): Rule[] {
  const stay = saved.filter(({ id }) => !removed.includes(id));
  const made = Object.values(edits).filter(({ id }) => isNew(id));
  const all = [...stay.map((one) => edits[one.id] ?? one), ...made];
  const place = new Map(order?.map((id, index) => [id, index]));
  return order === null
    ? all
    : all.toSorted((a, b) => (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity));
}

export interface RulesDraft {
  rules: Rule[];
  /** Undefined while they are not there yet. */
  saved: Rule[] | undefined;
  loadError: unknown;
  reload: () => void;
  /** Ids of rules that differ from what is saved, the new ones included. */
  changed: ReadonlySet<string>;
  /** How many of them, with those that are removed, and one for another order. */
  changes: number;
  edit: (rule: Rule) => void;
  add: () => string;
  remove: (id: string) => void;
  reorder: (ids: string[]) => void;
  /** Takes a rule as it is saved now. */
  forget: (id: string) => void;
  drop: () => void;
  /** The draft was begun before this visit. */
  found: boolean;
  isUnsaved: () => boolean;
  save: (onSaved?: () => void) => void;
  saving: boolean;
  refused: RuleRefused | null;
}

/** The draft that the list and the editor share. */
export function useRulesDraft(): RulesDraft {
  const { t } = useTranslation();
  const query = useAll<Rule>(RULES);
  const refresh = useRefresh();
  const { draft, edit, drop, found, isUnsaved } = useDraft<Touched>('routing rules', UNTOUCHED, 0);
  const { content } = draft;
  const saved = query.data;
  const rules = rulesWith(saved ?? [], content);
  const changed = rules.filter((rule) => {
    const before = saved?.find(({ id }) => id === rule.id);
    return before === undefined || !sameContent(before, rule);
  });
  const places = newPlaces(rules);
  const touched = new Set([...changed, ...places].map(({ id }) => id));
  const known = rules.filter(({ id }) => !isNew(id)).map(({ id }) => id);
  const before = (saved ?? []).filter(({ id }) => known.includes(id)).map(({ id }) => id);
  const reordered = known.join() !== before.join() ? 1 : 0;
  const saving = useMutation({
    mutationFn: () => saveAll(content, { rules, touched }, edit),
    onSuccess: () => {
      drop();
      toast.success(t('admin.routing.savedAll'));
    },
    onSettled: () => refresh(RULES),
  });
  return {
    ...{ rules, saved, drop, found, isUnsaved, loadError: query.error },
    changed: new Set(changed.map(({ id }) => id)),
    reload: () => void query.refetch(),
    changes: changed.length + content.removed.length + reordered,
    edit: (rule) => {
      saving.reset();
      edit({ edits: { ...content.edits, [rule.id]: rule } });
    },
    add: () => {
      const rule = newRule();
      // Below a rule that takes every ticket it would never be asked.
      const last = rules.at(-1);
      const at =
        last !== undefined && last.conditions.length === 0 ? rules.length - 1 : rules.length;
      const order = rules.map(({ id }) => id).toSpliced(at, 0, rule.id);
      edit({ edits: { ...content.edits, [rule.id]: rule }, order });
      return rule.id;
    },
    remove: (id) => {
      const { [id]: _gone, ...edits } = content.edits;
      edit({ edits, removed: isNew(id) ? content.removed : [...content.removed, id] });
    },
    reorder: (order) => edit({ order }),
    forget: (id) => {
      const { [id]: _gone, ...edits } = content.edits;
      saving.reset();
      edit({ edits });
    },
    save: (onSaved) =>
      saving.mutate(undefined, onSaved === undefined ? {} : { onSuccess: onSaved }),
    saving: saving.isPending,
    refused: saving.error instanceof RuleRefused ? saving.error : null,
  };
}

function newRule(): Rule {
  return {
    ...{ id: `${NEW}${crypto.randomUUID()}`, version: 0, name: '', position: -1, enabled: true },
    ...{ conditions: [], assign: { teamId: '' }, sticky: 'none', fallback: [] },
    ...{ requiredSkills: [], requiredLevels: {}, preferredSkills: [] },
  };
}

/** Saves what was touched, rule by rule, each only if nobody saved it meanwhile; tells what is left to be saved after each. */
async function saveAll(
  touchedBefore: Touched,
  of: { rules: readonly Rule[]; touched: ReadonlySet<string> },
  left: (touched: Touched) => void,
): Promise<void> {
  let work = touchedBefore;
  const places = new Map(newPlaces(of.rules).map(({ id, position }) => [id, position]));
  for (const rule of of.rules) {
    if (!of.touched.has(rule.id)) continue;
    const body = { ...bodyOf(rule), position: places.get(rule.id) ?? rule.position };
    try {
      // A rule that is sent again for want of an answer is made once: its key is its own.
      const { id } = isNew(rule.id)
        ? await call<Rule>('POST', RULES, { body, idempotencyKey: keyOf(rule.id, body) })
        : await call<Rule>('PUT', `${RULES}/${rule.id}`, { body, ifMatch: rule.version });
      const { [rule.id]: _saved, ...edits } = work.edits;
      const order = work.order?.map((one) => (one === rule.id ? id : one)) ?? null;
      work = { ...work, edits, order };
      left(work);
    } catch (error) {
      throw new RuleRefused(rule, error);
    }
  }
  for (const id of work.removed) await call('DELETE', `${RULES}/${id}`);
}

/** The same key for the same content alone: what was refused and then changed is another request. */
function keyOf(id: string, body: object): string {
  let hash = 0;
  for (const letter of JSON.stringify(body)) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) | 0;
  return `${id}:${hash >>> 0}`;
}
