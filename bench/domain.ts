// The pure domain's speed as rows: due dates, and what a ticket computes on every command.
import { benchDueDates } from './due-dates.ts';
import type { Bench } from './report.ts';
import { benchTicketDomain } from './ticket-domain.ts';

const DUE_DATES_PER_SECOND = 100_000;

/** Budget: 100,000 due dates a second on one core. */
export const domain: Bench = {
  about: 'due-date arithmetic and ticket decisions a second on one core',
  async run(context) {
    for (const { name, perSecond } of benchDueDates()) {
      context.add({
        what: `due dates: ${name}`,
        measured: `${perSecond.toLocaleString('en')}/s`,
        budget: { text: '≥ 100,000/s', met: perSecond >= DUE_DATES_PER_SECOND },
        values: { perSecond },
      });
    }
    for (const { name, perSecond } of benchTicketDomain()) {
      const measured = `${perSecond.toLocaleString('en')}/s`;
      context.add({ what: `ticket: ${name}`, measured, values: { perSecond } });
    }
  },
};
