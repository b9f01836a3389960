// Every exported function is a workflow type. Nothing else may be exported here.
export { accountMail } from './account-mail.ts';
export { assignQueue } from './assign-queue.ts';
export { availability } from './availability.ts';
export { bulk } from './bulk.ts';
export { deliver } from './deliver.ts';
export { mailbox } from './mailbox.ts';
export { merge, undoMerge } from './merge.ts';
export { noticeMail, notify } from './notify.ts';
export { policyRollout } from './policy-rollout.ts';
export { reconcile } from './reconcile.ts';
export { simulate } from './simulate.ts';
export { ticket } from './ticket.ts';
