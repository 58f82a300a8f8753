/** What is wrong in an author's file, and where. */

/** `file` is relative to the project, with slashes; `line` and `column` count from 1. */
export type Diagnostic = {
  severity: 'error' | 'warning';
  message: string;
  code?: string;
  file?: string;
  line?: number;
  column?: number;
};
