/** Signing in. Afterwards the member continues where the session had ended. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { apiOf, wordsOf } from '../../client.ts';
import { sessionQuery } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/empty.tsx';
import { TextField } from '../../ui/field.tsx';
import { Mark } from '../../ui/logo.tsx';

const route = getRouteApi('/signin');

export function SignInPage() {
  const { from } = route.useSearch();
  const router = useRouter();
  const queryClient = useQueryClient();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  useEffect(() => {
    document.title = 'Sign in · Bowline';
  }, []);
  const signIn = useMutation({
    mutationFn: () => apiOf('').dashboard.signIn({ body: { email, password } }),
    onSuccess: (session) => {
      queryClient.clear();
      queryClient.setQueryData(sessionQuery.queryKey, session);
      // Only our own paths: an address from outside must not be able to send a member elsewhere.
      const own = from && /^\/(?![/\\])/.test(from) && !from.startsWith('/signin') ? from : '/';
      router.history.push(own);
    },
  });
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-5 py-10">
      <div className="w-full max-w-[22rem]">
        <Mark className="mb-6 size-10 text-ink" />
        <h1 className="text-2xl font-semibold tracking-tight">Sign in to Bowline</h1>
        <p className="mt-1.5 text-base text-muted">The login was printed when the server first started.</p>
        <form
          className="mt-7 flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            signIn.mutate();
          }}
        >
          <TextField
            label="E-mail"
            name="email"
            inputMode="email"
            autoComplete="username"
            required
            autoFocus
            value={email}
            onChange={setEmail}
          />
          <TextField
            label="Password"
            name="password"
            secret
            autoComplete="current-password"
            required
            value={password}
            onChange={setPassword}
          />
          {signIn.isError && <Notice title={wordsOf(signIn.error)} />}
          <Button type="submit" tone="solid" size="large" busy={signIn.isPending} className="mt-1 w-full">
            Sign in
          </Button>
        </form>
      </div>
    </main>
  );
}
