/** Rows for people: columns as wide as their widest cell, the last one free. What others wrote cannot move the cursor or paint. */
import type { Terminal } from '../terminal.ts';

export const printTable = (head: readonly string[], rows: readonly (readonly string[])[], { print, colours }: Terminal): void => {
  const cells = [head, ...rows.map((row) => row.map(plain))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  for (const [index, row] of cells.entries()) {
    const line = row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
    print(index === 0 ? colours.dim(line) : line);
  }
};

/** Ids and names come from end users: control characters would reach the terminal. */
export const plain = (text: string): string => text.replace(/\p{Cc}/gu, '�');
