/** How a budget is named, what processes tell each other of it, and where they meet. */
import type { Ask, Exchanged, Report } from './budget.ts';

export type BudgetName = {
  /** Of the environment, the integration and, when the limit is that of one connection, its row id. */
  readonly environmentId: number;
  readonly integrationId: number;
  readonly connectionId: number | null;
  /** Which of several limits it is; empty for the only one. */
  readonly part: string;
};
export type BudgetSpec = BudgetName & { readonly documented?: { readonly perSecond: number; readonly burst: number } | undefined };
/** What a process is told about a budget that holds, or flows at a pace. */
export type BudgetNews = { readonly key: string; readonly heldUntil: number; readonly probing: boolean; readonly paced: boolean };
/** Where all processes meet. */
export type Share = {
  exchange(spec: BudgetSpec, message: { report: Report; ask: Ask }): Promise<Exchanged>;
  /** Budgets that hold or are paced, once; later only what changed. */
  look(): Promise<readonly BudgetNews[]>;
  follow(listener: (news: BudgetNews) => void): () => void;
};
export const keyOf = ({ environmentId, integrationId, connectionId, part }: BudgetName): string =>
  `${environmentId}/${integrationId}/${connectionId ?? ''}/${part}`;
