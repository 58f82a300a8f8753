/** What the draft says beside its keys: comments above them, and what the author must look at before it is used. */
export type Notes = ReturnType<typeof createNotes>;

export const createNotes = () => {
  const comments = new Map<string, string[]>();
  const checks: string[] = [];
  const add = (path: string, comment: string): void => {
    comments.set(path, [...(comments.get(path) ?? []), ...comment.split('\n')]);
  };
  return {
    /** By path of the key they stand above; `` is the top of the file. */
    comments,
    checks,
    add,
    /** A comment that is also printed. */
    check: (path: string, comment: string): void => {
      add(path, `CHECK: ${comment}`);
      checks.push(path === '' ? comment : `${path}: ${comment}`);
    },
  };
};
