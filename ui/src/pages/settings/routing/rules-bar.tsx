// What of the rules is not saved: try it on past tickets, save it, drop it; and what the desk refused of it.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../../api/client.ts';
import { useWordsFor } from '../../../components/bits.tsx';
import { Button } from '../../../components/button.tsx';
import { AskBeforeLeaving } from '../../../sla/ask-before-leaving.tsx';
import { Meanwhile } from '../parts/meanwhile.tsx';
import { RULES } from '../types.ts';
import type { RuleRefused, RulesDraft } from './rules-draft.ts';
import { TrialDialog } from './trial-dialog.tsx';

export function RulesBar({ draft, onSaved }: { draft: RulesDraft; onSaved?: () => void }) {
  const { t } = useTranslation();
  const [trying, setTrying] = useState(false);
  const { changes, refused } = draft;
  const incomplete = draft.rules.some(
    (rule) => draft.changed.has(rule.id) && (rule.name.trim() === '' || !hasPlace(rule.assign)),
  );
  if (changes === 0) return null;
  return (
    <>
      <AskBeforeLeaving
        within="/settings/routing"
        isUnsaved={draft.isUnsaved}
        onDrop={draft.drop}
      />
      {refused === null ? null : <Refused refused={refused} draft={draft} />}
      <div className="sticky bottom-3 z-10 flex flex-wrap items-center gap-2 rounded-lg border border-line bg-raised p-3 shadow-lg">
        <span role="status" className="min-w-0 flex-1 basis-40">
          {t('admin.routing.unsaved', { count: changes })}
        </span>
        <Button kind="ghost" onClick={draft.drop}>
          {t('admin.drop')}
        </Button>
        <Button disabled={incomplete} onClick={() => setTrying(true)}>
          {t('admin.routing.tryIt')}
        </Button>
        <Button
          kind="primary"
          busy={draft.saving}
          disabled={incomplete}
          onClick={() => draft.save(onSaved)}
        >
          {t('admin.routing.saveAll')}
        </Button>
      </div>
      <TrialDialog open={trying} rules={draft.rules} onClose={() => setTrying(false)} />
    </>
  );
}

const hasPlace = (assign: { userId: string } | { teamId: string }): boolean =>
  ('teamId' in assign ? assign.teamId : assign.userId) !== '';

function Refused({
  refused: { rule, refusal },
  draft,
}: {
  refused: RuleRefused;
  draft: RulesDraft;
}) {
  const { t } = useTranslation();
  const words = useWordsFor();
  if (refusal instanceof ApiError && refusal.code === 'versionConflict') {
    return (
      <Meanwhile
        {...{ kind: 'routingRule', id: rule.id, path: RULES }}
        onTheirs={() => draft.forget(rule.id)}
        onMine={(version) => draft.edit({ ...rule, version })}
      />
    );
  }
  return (
    <div role="alert" className="rounded-lg border border-line bg-danger-tint p-3 text-danger">
      <p className="font-medium">{t('admin.routing.refused', { name: rule.name })}</p>
      <p>{words(refusal)}</p>
    </div>
  );
}
