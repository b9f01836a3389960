// The builder of conditions: field, comparison and value, each picked from what the desk has.
import { Plus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Condition, ConditionField, ConditionOp } from '#domain/desk.ts';
import { Button, IconButton } from '../components/button.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { ConditionValue } from './condition-value.tsx';
import { FIELDS, isKnownField } from './field-words.ts';

const TEXT_OPS: ConditionOp[] = [
  ...(['is', 'isNot', 'in', 'notIn', 'contains', 'notContains'] as const),
  ...(['startsWith', 'isSet', 'isNotSet'] as const),
];
const CHOICE_OPS: ConditionOp[] = ['is', 'isNot', 'in', 'notIn', 'isSet', 'isNotSet'];
const LIST_OPS: ConditionOp[] = ['contains', 'notContains', 'in', 'notIn', 'isSet', 'isNotSet'];
const CHOICES = new Set([
  'priority',
  'teamId',
  'channel',
  'mailbox',
  'companyId',
  'assigneeId',
  'pipelineId',
  'status',
]);

function opsOf(field: string): ConditionOp[] {
  if (field === 'tags') return LIST_OPS;
  return CHOICES.has(field) ? CHOICE_OPS : TEXT_OPS;
}

const isList = (op: ConditionOp): boolean => op === 'in' || op === 'notIn';
const isBare = (op: ConditionOp): boolean => op === 'isSet' || op === 'isNotSet';

/** The condition with another comparison, its value in the shape that it takes. */
function withOp(condition: Condition, op: ConditionOp): Condition {
  const { field, value } = condition;
  if (isBare(op)) return { field, op };
  const values = Array.isArray(value)
    ? value
    : value == null || value === ''
      ? []
      : [String(value)];
  return { field, op, value: isList(op) ? values : (values[0] ?? '') };
}

export function ConditionsEditor({
  conditions,
  onChange,
  errorAt,
}: {
  conditions: Condition[];
  onChange: (conditions: Condition[]) => void;
  errorAt: (pointer: string) => string | undefined;
}) {
  const { t } = useTranslation();
  const replace = (index: number, next: Condition): void =>
    onChange(conditions.map((one, at) => (at === index ? next : one)));
  return (
    <div className="flex flex-col gap-2">
      {conditions.length === 0 ? (
        <p className="text-soft">{t('slaAdmin.everyTicket')}</p>
      ) : (
        <ul className="flex flex-col gap-3">
          {conditions.map((condition, index) => (
            <li key={index} className="flex items-start gap-2">
              <div className="@container min-w-0 flex-1">
                <div className="grid gap-2 @xs:grid-cols-2 @lg:grid-cols-[10rem_9rem_minmax(0,1fr)]">
                  <FieldPart condition={condition} onChange={(next) => replace(index, next)} />
                  <SelectField
                    quiet
                    label={t('slaAdmin.op')}
                    value={condition.op}
                    onChange={({ target }) =>
                      replace(index, withOp(condition, target.value as ConditionOp))
                    }
                  >
                    {opsOf(condition.field).map((op) => (
                      <option key={op} value={op}>
                        {t(`slaAdmin.ops.${op}`)}
                      </option>
                    ))}
                  </SelectField>
                  {isBare(condition.op) ? null : (
                    <div className="min-w-0 @xs:col-span-2 @lg:col-span-1">
                      <ConditionValue
                        condition={condition}
                        several={isList(condition.op)}
                        error={errorAt(`/conditions/${index}/value`)}
                        onChange={(value) => replace(index, { ...condition, value })}
                      />
                    </div>
                  )}
                </div>
              </div>
              <IconButton
                label={t('slaAdmin.removeCondition', { number: index + 1 })}
                onClick={() => onChange(conditions.filter((_, at) => at !== index))}
              >
                <X size={15} aria-hidden="true" />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <div>
        <Button
          small
          disabled={conditions.length >= 50}
          onClick={() =>
            onChange([...conditions, { field: 'priority', op: 'is', value: 'urgent' }])
          }
        >
          <Plus size={14} aria-hidden="true" />
          {t('slaAdmin.addCondition')}
        </Button>
      </div>
    </div>
  );
}

function FieldPart({
  condition,
  onChange,
}: {
  condition: Condition;
  onChange: (next: Condition) => void;
}) {
  const { t } = useTranslation();
  const own = !isKnownField(condition.field);
  const change = (field: ConditionField): void => {
    const [op = 'is'] = opsOf(field);
    onChange(withOp({ field, op, value: '' }, op));
  };
  return (
    <div className="flex flex-col gap-2">
      <SelectField
        quiet
        label={t('slaAdmin.field')}
        value={own ? 'custom' : condition.field}
        onChange={({ target }) =>
          change(target.value === 'custom' ? 'fields.' : (target.value as ConditionField))
        }
      >
        {FIELDS.map((field) => (
          <option key={field} value={field}>
            {t(`slaAdmin.fields.${field}`)}
          </option>
        ))}
        <option value="custom">{t('slaAdmin.fields.custom')}</option>
      </SelectField>
      {own ? (
        <TextField
          quiet
          label={t('slaAdmin.customField')}
          placeholder={t('slaAdmin.customField')}
          maxLength={100}
          value={condition.field.slice('fields.'.length)}
          onChange={({ target }) => onChange({ ...condition, field: `fields.${target.value}` })}
        />
      ) : null}
    </div>
  );
}
