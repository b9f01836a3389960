// One SLA policy: its editor, the trial of what is typed, its save, the rollout of the last save, and its versions.
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Badge, Empty, Failure, Skeleton } from '../components/bits.tsx';
import { SettingsFrame } from './frame.tsx';
import { PolicyEditor } from './policy-editor.tsx';
import { usePolicies } from './queries.ts';
import { RemoveButton } from './remove-button.tsx';
import { RolloutPanel } from './rollout-panel.tsx';
import { POLICIES } from './types.ts';
import type { Policy, PolicyContent } from './types.ts';
import { VersionsPanel } from './versions-panel.tsx';

const BLANK: PolicyContent = {
  ...{ name: '', conditions: [], calendarId: null, goals: { firstReply: { seconds: 14_400 } } },
  ...{ pauseStatuses: [], escalations: [], appliesTo: 'newTickets', position: 0 },
};

/** What is saved of a policy, without what the desk adds to it. */
function contentOf(policy: Policy): PolicyContent {
  const { id: _id, version: _version, savedAt: _savedAt, ...content } = policy;
  return content;
}

export function PolicyPage() {
  const { t } = useTranslation();
  const { policyId } = useParams({ from: '/desk/settings/sla-policies/$policyId' });
  const { version: asked } = useSearch({ from: '/desk/settings/sla-policies/$policyId' });
  const policies = usePolicies();
  const navigate = useNavigate();
  const back = { to: '/settings/sla-policies', label: t('slaAdmin.policies') } as const;
  if (policies.isError)
    return <Failure error={policies.error} again={() => void policies.refetch()} />;
  if (policies.data === undefined) return <Skeleton lines={8} />;
  if (policyId === 'new') {
    const last = Math.max(-1, ...policies.data.map(({ position }) => position));
    return (
      <SettingsFrame title={t('slaAdmin.newPolicy')} back={back}>
        <PolicyEditor id={null} version={0} saved={{ ...BLANK, position: last + 1 }} />
      </SettingsFrame>
    );
  }
  const policy = policies.data.find((one) => one.id === policyId);
  if (policy === undefined) return <Empty title={t('errors.notFound')} />;
  const { id, name, version } = policy;
  return (
    <SettingsFrame
      back={back}
      title={
        <>
          {name}
          <Badge>{t('slaAdmin.version', { version })}</Badge>
        </>
      }
      acts={
        <RemoveButton
          path={POLICIES}
          id={id}
          name={name}
          hint={t('slaAdmin.removePolicy')}
          onRemoved={() => void navigate({ to: back.to })}
        />
      }
    >
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_19rem]">
        <div className="min-w-0">
          <PolicyEditor key={id} id={id} version={version} saved={contentOf(policy)} />
        </div>
        <div className="flex min-w-0 flex-col gap-4 lg:sticky lg:top-4 lg:max-h-[calc(100dvh-2rem)] lg:overflow-y-auto">
          <RolloutPanel path={POLICIES} id={id} />
          <VersionsPanel
            key={asked}
            thing={{ path: POLICIES, id, present: version }}
            asked={asked ?? null}
          />
        </div>
      </div>
    </SettingsFrame>
  );
}
