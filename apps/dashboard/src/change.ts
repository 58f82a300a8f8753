/** A change on the server: says when it worked, says why when it did not, and reads again what it made stale. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { wordsOf } from './client.ts';
import { useEnvironment } from './environment.tsx';
import { toast } from './ui/toast.tsx';

type Change<Input, Output> = {
  run: (input: Input) => Promise<Output>;
  /** The topics whose queries are stale now. */
  stale: string[];
  said?: string | ((output: Output, input: Input) => string);
  after?: (output: Output, input: Input) => void;
  /** The error is shown in place, not as a toast. */
  quiet?: boolean;
};

export function useChange<Input = void, Output = unknown>({ run, stale, said, after, quiet = false }: Change<Input, Output>) {
  const queryClient = useQueryClient();
  const { env } = useEnvironment();
  return useMutation({
    mutationFn: run,
    onSuccess: (output, input) => {
      for (const topic of stale) void queryClient.invalidateQueries({ queryKey: [env, topic] });
      if (said) toast.good(typeof said === 'string' ? said : said(output, input));
      after?.(output, input);
    },
    onError: (error) => {
      if (!quiet) toast.bad(wordsOf(error));
    },
  });
}
